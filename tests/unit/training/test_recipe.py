from pathlib import Path

import numpy as np
import pytest
import torch
from fact.backbones.extraction import extract, normalise
from fact.backbones.interface import Backbone, Classifier
from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import create_architecture, load_backbone, write_backbone
from fact.data.images import Resize
from fact.training.checkpoint import checkpoint_head, load_checkpoint, save_checkpoint
from fact.training.classifier import build_classifier, read_tuner
from fact.training.epochs import LabelledInputs
from fact.training.recipe import (
    Start,
    build_model,
    checkpoint_gradients,
    count_parameters,
    read_recipe,
    tune_model,
)
from fact.training.sized_images import pack_images
from safetensors.torch import load_file, save_file
from torch import Generator, Tensor, nn
from tuner_settings import TUNERS

VIT = {"img_size": 16, "patch_size": 4, "embed_dim": 128, "depth": 4, "num_heads": 4}
SPEC = BackboneSpec(
    architecture="vit_tiny_patch16_224",
    model_args=VIT,
    image_size=16,
    interpolation="bicubic",
    mean=(0.5, 0.4, 0.3),
    std=(0.5, 0.6, 0.7),
    source="none",
)
tuners = pytest.mark.parametrize("tuner", TUNERS)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights") / "vit_digits"
    write_backbone(folder, create_architecture(SPEC.architecture, VIT), SPEC)
    return folder


def some_images() -> tuple[Tensor, Tensor]:
    generator = Generator().manual_seed(1)
    images = torch.randint(0, 256, (12, 3, 16, 16), dtype=torch.uint8, generator=generator)
    return images, torch.arange(12) % 3


def a_head(classes: int = 3) -> dict[str, Tensor]:
    generator = Generator().manual_seed(2)
    weight, bias = torch.randn(classes, 129, dtype=torch.float64, generator=generator).split([128, 1], 1)
    return {"weight": weight, "bias": bias[:, 0]}


def tuned(
    weights: Path, tuner: str, *, seed: int = 0, start: dict | None = None, on_model=lambda _: None, **changes
) -> nn.Module:
    recipe, data = read_recipe(TUNERS[tuner] | changes), LabelledInputs(*some_images())
    model, spec = build_model(Start(weights, start), 3, recipe, seed, torch.device("cpu"))
    on_model(model)
    tune_model(model, data, recipe, seed, spec=spec, on_epoch=lambda *_: None)
    return model


@torch.no_grad()
def logits(model: nn.Module, mode: bool = False) -> Tensor:
    return model.train(mode)(normalise(some_images()[0], SPEC.mean, SPEC.std))


def saved(path: Path, weights: Path, tuner: str) -> nn.Module:
    model = tuned(weights, tuner, start=a_head())
    _, spec = load_backbone(weights)
    metadata = {"num_classes": 3, "weights_sha256": spec.weights_sha256, "seed": "0"}
    save_checkpoint(path, read_tuner(TUNERS[tuner]).trained_tensors(model), TUNERS[tuner], metadata)
    return model


@pytest.mark.parametrize("tuner", ["full", "lora"])
def test_tuning_starts_from_the_probe_on_frozen_features(weights, tuner):
    seen = []
    tuned(weights, tuner, start=a_head(), on_model=lambda model: seen.append(logits(model)))
    backbone, spec = load_backbone(weights)
    images = some_images()[0].permute(0, 2, 3, 1).numpy()
    ((pooled, _),) = extract(backbone, [images], spec, torch.device("cpu"), precision="fp32")
    expected = pooled.astype(np.float64) @ a_head()["weight"].numpy().T + a_head()["bias"].numpy()
    np.testing.assert_allclose(seen[0].numpy(), expected, atol=1e-5, rtol=1e-5)


@tuners
def test_tuning_moves_head_and_backbone_and_depends_on_the_seed_alone(weights, tuner):
    before = logits(build_classifier(weights, 3, a_head())[0])
    first, other = (logits(tuned(weights, tuner, start=a_head(), seed=seed)) for seed in (0, 1))
    torch.manual_seed(55)
    again = logits(tuned(weights, tuner, start=a_head()))
    assert torch.equal(first, again)
    assert not torch.equal(first, other) and not torch.equal(first, before)
    backbone = tuned(weights, tuner).get_submodule(
        "base_model.model.backbone" if tuner == "lora" else "backbone"
    )
    images = normalise(some_images()[0], SPEC.mean, SPEC.std)
    assert not torch.equal(backbone.eval()(images), load_backbone(weights)[0](images))


def test_a_random_head_depends_on_the_seed(weights):
    starts = {}
    for seed in (0, 0, 1):
        hook = starts.setdefault(seed, []).append
        tuned(weights, "full", seed=seed, on_model=lambda model, hook=hook: hook(model.head.weight.clone()))
    assert torch.equal(*starts[0]) and not torch.equal(starts[0][0], starts[1][0])


def test_stochastic_depth_is_on_while_training(weights):
    seen = []
    hook = lambda model: seen.extend([logits(model, mode=True), logits(model, mode=True)])  # noqa: E731
    tuned(weights, "full", on_model=hook)
    assert not torch.equal(*seen)
    plain, _ = build_classifier(weights, 3)
    assert torch.equal(logits(plain, mode=True), logits(plain, mode=True))


@tuners
def test_a_checkpoint_gives_the_tuned_model_back(weights, tuner, tmp_path):
    path = tmp_path / "runs" / "checkpoint.safetensors"
    model = saved(path, weights, tuner)
    restored, spec = load_checkpoint(path, weights)
    assert not restored.training and spec == load_backbone(weights)[1]
    torch.testing.assert_close(logits(restored), logits(model), atol=1e-5, rtol=1e-5)
    plain, added = count_parameters(build_classifier(weights, 3)[0])["total"], 4 * 4 * 128
    extra = {"full": 0, "lora": 0, "prompts": added, "prefix": 2 * added}[tuner]
    assert count_parameters(restored)["total"] == plain + extra


@tuners
def test_the_tuned_head_is_read_from_a_checkpoint(weights, tuner, tmp_path):
    path = tmp_path / "c.safetensors"
    saved(path, weights, tuner)
    restored, _ = load_checkpoint(path, weights)
    head = checkpoint_head(path)
    assert torch.equal(head.weight, restored.head.weight) and torch.equal(head.bias, restored.head.bias)
    assert not torch.equal(head.weight, a_head()["weight"].float())


@pytest.mark.parametrize("tuner", ["prompts", "prefix"])
@pytest.mark.parametrize("start", [None, "probe"])
def test_added_parameters_are_tuned_from_a_random_head_and_from_a_probe(weights, tuner, start):
    head = a_head() if start else None
    seen = []
    model = tuned(weights, tuner, start=head, on_model=lambda model: seen.append(model.head.weight.clone()))
    assert torch.equal(seen[0], head["weight"].float()) if head else seen[0].abs().max() < 0.01
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert len(trained) == 2 + (4 if tuner == "prompts" else 8)
    assert not torch.equal(model.head.weight, seen[0])


def test_a_lora_checkpoint_is_small_and_holds_no_backbone(weights, tmp_path):
    model = saved(tmp_path / "lora.safetensors", weights, "lora")
    tensors = load_file(tmp_path / "lora.safetensors")
    assert sum(value.numel() for value in tensors.values()) == count_parameters(model)["trainable"]
    assert all("lora_" in key or key.startswith("base_model.model.head.") for key in tensors)
    assert (tmp_path / "lora.safetensors").stat().st_size < 0.05 * (
        weights / "model.safetensors"
    ).stat().st_size


@tuners
def test_other_pretrained_weights_are_refused(weights, tuner, tmp_path):
    saved(tmp_path / "c.safetensors", weights, tuner)
    torch.manual_seed(9)
    other = tmp_path / "other"
    write_backbone(other, create_architecture(SPEC.architecture, VIT), SPEC)
    with pytest.raises(ValueError, match=r"c\.safetensors was tuned from weights .* delete the checkpoint"):
        load_checkpoint(tmp_path / "c.safetensors", other)


def test_damaged_and_foreign_files_are_refused(weights, tmp_path):
    path = tmp_path / "c.safetensors"
    saved(path, weights, "lora")
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ValueError, match=r"c\.safetensors is no whole tensor file"):
        load_checkpoint(path, weights)
    save_file({"weight": torch.ones(2)}, path)
    with pytest.raises(ValueError, match=r"c\.safetensors is no whole tensor file"):
        load_checkpoint(path, weights)
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors"):
        load_checkpoint(tmp_path / "none.safetensors", weights)


def test_an_unknown_tuner_is_refused():
    assert read_tuner({"tuner": "full"}).module.__name__ == "fact.training.tuners.full"
    with pytest.raises(ValueError, match="tuner 'adapter' is unknown; use one of full, lora, prompts"):
        read_tuner({"tuner": "adapter"})


def test_parameters_are_counted():
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    assert count_parameters(model) == {"trainable": 29, "total": 29}
    model[0].requires_grad_(False)
    assert count_parameters(model) == {"trainable": 14, "total": 29}


@tuners
def test_gradient_checkpointing_changes_nothing_but_rounding(weights, tuner):
    expected = logits(tuned(weights, tuner, start=a_head()))
    found = logits(tuned(weights, tuner, start=a_head(), grad_checkpointing=True))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_gradient_checkpointing_would_show_batchnorm_every_batch_twice():
    classifier = Classifier(Backbone(create_architecture("mobilenetv2_050", {})), 1280, 3)
    checkpoint_gradients(classifier, freeze_batchnorm=True)
    with pytest.raises(ValueError, match="needs freeze_batchnorm: true"):
        checkpoint_gradients(classifier, freeze_batchnorm=False)


def test_larger_images_are_trained_on_and_give_other_weights_than_their_squares(weights: Path) -> None:
    """The same crops with more pixels: another result than from the squares, the same from the same seed."""
    generator = np.random.default_rng(0)
    large = [generator.integers(0, 256, (20 + 2 * n, 32 - n, 3), dtype=np.uint8) for n in range(6)]
    squares = [Resize(16, "bicubic").apply(image) for image in large]
    labels, recipe, tuned = torch.arange(6) % 3, read_recipe(TUNERS["full"]), []
    for images in (large, large, squares):
        model, spec = build_model(Start(weights), 3, recipe, 0, torch.device("cpu"))
        data = LabelledInputs(pack_images(images, 16), labels)
        tune_model(model, data, recipe, 0, spec=spec, on_epoch=lambda *_: None)
        tuned.append(torch.cat([value.detach().flatten() for value in model.parameters()]))
    assert torch.equal(tuned[0], tuned[1]) and not torch.equal(tuned[0], tuned[2])
