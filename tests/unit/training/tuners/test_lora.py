import pytest
import torch
from fact.backbones.interface import Backbone, Classifier, pooled_dim
from fact.backbones.weights import create_architecture
from fact.training.recipe import count_parameters
from fact.training.tuners import lora
from torch import Tensor, nn
from vits import perturb

SETTINGS = {"rank": 8, "alpha": 8, "dropout": 0.0, "targets": None}
TINY = {"img_size": 16, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
# name, arguments, side of the images
MODELS = {
    "vit": ("vit_tiny_patch16_224", TINY, 16),
    "swin": (
        "swin_tiny_patch4_window7_224",
        {"img_size": 32, "window_size": 4, "embed_dim": 16, "depths": (1, 1), "num_heads": (2, 2)},
        32,
    ),
    "convnext": ("convnext_tiny", {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 32)}, 32),
    "mobilenet": ("mobilenetv2_100", {}, 64),
}
models = pytest.mark.parametrize("kind", MODELS)


def build(name: str, args: dict, side: int, classes: int = 10) -> tuple[Classifier, Tensor]:
    torch.manual_seed(0)
    backbone = Backbone(create_architecture(name, args))
    # a fresh batch norm does nothing in eval mode
    for key, buffer in backbone.named_buffers():
        if key.endswith(("running_mean", "running_var")):
            buffer.uniform_(0.5, 1.5)
    return Classifier(backbone, pooled_dim(backbone, side), classes).eval(), torch.randn(2, 3, side, side)


def wrapped(kind: str, seed: int = 0, **changes) -> tuple[nn.Module, Tensor]:
    classifier, images = build(*MODELS[kind])
    torch.manual_seed(seed)
    return lora.prepare(classifier, lora.Settings(**SETTINGS | changes)).eval(), images


def adapted(model: nn.Module) -> set[str]:
    return {name.split(".lora_A")[0] for name, _ in model.named_parameters() if ".lora_A" in name}


def assert_close(found: Tensor, expected: Tensor) -> None:
    """Equal to 1e-5 of the largest value."""
    assert (found - expected).abs().max() <= 1e-5 * max(1.0, float(expected.abs().max()))


@torch.no_grad()
def test_vit_small_has_the_papers_count_and_merges_back():
    classifier, images = build("vit_small_patch16_224", {}, 224)
    before = classifier(images)
    assert count_parameters(classifier)["total"] == 21_669_514
    model = lora.prepare(classifier, lora.Settings(**SETTINGS)).eval()
    assert count_parameters(model) == {"trainable": 151_306, "total": 21_820_820}
    assert (model(images) - before).abs().max() == 0
    tuned = perturb(model)(images)
    assert (tuned - before).abs().max() > 1e-3
    merged = model.merge_and_unload()
    assert isinstance(merged, Classifier) and isinstance(merged.head, nn.Linear)
    assert (merged(images) - tuned).abs().max() < 1e-5
    assert count_parameters(merged)["total"] == 21_669_514


@models
@torch.no_grad()
def test_step_zero_is_the_identity_and_merging_changes_nothing(kind):
    classifier, images = build(*MODELS[kind])
    before, size = classifier(images), count_parameters(classifier)["total"]
    model = lora.prepare(classifier, lora.Settings(**SETTINGS)).eval()
    assert torch.equal(model(images), before)
    tuned = perturb(model)(images)
    assert (tuned - before).abs().max() > 1e-3 * before.abs().max()
    merged = model.merge_and_unload()
    assert_close(merged(images), tuned)
    assert count_parameters(merged)["total"] == size


@models
def test_trainable_are_the_adapters_and_the_head_alone(kind):
    model, images = wrapped(kind)
    model(images).sum().backward()
    with_gradient = {name for name, p in model.named_parameters() if p.grad is not None}
    assert with_gradient == {name for name, p in model.named_parameters() if p.requires_grad}
    others = {name for name in with_gradient if ".lora_" not in name}
    assert others == {f"base_model.model.head.modules_to_save.default.{part}" for part in ("weight", "bias")}


def test_a_vit_is_adapted_in_its_qkv():
    prefix = "base_model.model.backbone.model"
    assert adapted(wrapped("vit")[0]) == {f"{prefix}.blocks.{i}.attn.qkv" for i in range(2)}


def test_a_cnn_is_adapted_in_its_pointwise_convolutions():
    classifier, _ = build(*MODELS["mobilenet"])
    pointwise = {
        f"base_model.model.{name}"
        for name, layer in classifier.named_modules()
        if isinstance(layer, nn.Conv2d) and layer.weight.shape[2:] == (1, 1)
    }
    assert len(pointwise) == 34 and "base_model.model.backbone.model.conv_head" in pointwise
    assert adapted(lora.prepare(classifier, lora.Settings(**SETTINGS))) == pointwise


def test_a_convnext_is_adapted_in_its_linear_layers():
    layers = {f"stages.{stage}.blocks.0.mlp.fc{i}" for stage in range(4) for i in (1, 2)}
    assert adapted(wrapped("convnext")[0]) == {f"base_model.model.backbone.model.{name}" for name in layers}


def test_targets_are_whole_endings_of_names():
    classifier, _ = build(*MODELS["vit"])
    blocks = [f"backbone.model.blocks.{i}" for i in range(2)]
    assert lora.target_layers(classifier, ["fc1"]) == [f"{block}.mlp.fc1" for block in blocks]
    assert lora.target_layers(classifier, ["attn.proj"]) == [f"{block}.attn.proj" for block in blocks]


@pytest.mark.parametrize("endings", [["kv"], ["head.weight"], ["q_proj", "v_proj"]])
def test_targets_that_match_nothing_are_refused(endings):
    with pytest.raises(ValueError, match=rf"no layer matches targets \['{endings[0]}"):
        wrapped("vit", targets=endings)


def test_a_backbone_without_linear_layers_is_refused():
    backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1, groups=4))
    with pytest.raises(ValueError, match="no layer matches targets None"):
        lora.prepare(Classifier(Backbone(backbone), 4, 2), lora.Settings(**SETTINGS))


def test_alpha_over_rank_scales_the_update():
    name = "base_model.model.backbone.model.blocks.0.attn.qkv"
    layers = [perturb(wrapped("vit", alpha=alpha)[0]).get_submodule(name) for alpha in (8, 4)]
    update, smaller = (layer.get_delta_weight("default") for layer in layers)
    torch.testing.assert_close(smaller, update / 2)
    assert update.shape == (96, 32) and torch.linalg.matrix_rank(update) == 8


@torch.no_grad()
def test_dropout_acts_in_training_alone():
    model, images = wrapped("vit", dropout=0.5)
    perturb(model)
    assert torch.equal(model(images), model(images))
    assert not torch.equal(model.train()(images), model(images))
    tuned = model.eval()(images)
    assert_close(model.merge_and_unload().train()(images), tuned)


def test_the_start_is_drawn_from_the_global_generator():
    first, again, other = (
        [p for name, p in wrapped("vit", seed)[0].named_parameters() if "lora_A" in name]
        for seed in (3, 3, 4)
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))


@models
@torch.no_grad()
def test_a_checkpoint_holds_no_backbone_and_restores_the_model(kind):
    model, images = wrapped(kind)
    tuned = perturb(model)(images)
    tensors = {key: value.clone() for key, value in lora.trained_tensors(model).items()}
    assert all(".lora_A." in key or ".lora_B." in key or ".model.head." in key for key in tensors)
    assert sum(value.numel() for value in tensors.values()) == count_parameters(model)["trainable"]
    restored = lora.restore(build(*MODELS[kind])[0], lora.Settings(**SETTINGS), tensors).eval()
    assert isinstance(restored, Classifier)
    assert_close(restored(images), tuned)


def test_a_checkpoint_that_does_not_fit_is_refused():
    tensors = lora.trained_tensors(wrapped("vit")[0])
    missing = dict(list(tensors.items())[1:])
    other_rank = lora.trained_tensors(wrapped("vit", rank=4)[0])
    other_targets = lora.trained_tensors(wrapped("vit", targets=["fc1"])[0])
    other_head = {key: value[:3] if ".head." in key else value for key, value in tensors.items()}
    for wrong in (missing, other_rank, other_targets, other_head, {}):
        with pytest.raises(ValueError, match="the adapter does not fit this backbone: base_model"):
            lora.restore(build(*MODELS["vit"])[0], lora.Settings(**SETTINGS), wrong)


@models
@pytest.mark.parametrize("method", lora.METHODS)
@torch.no_grad()
def test_every_method_starts_as_the_identity_and_comes_back_from_its_checkpoint(kind, method):
    classifier, images = build(*MODELS[kind])
    before = classifier(images)
    model, _ = wrapped(kind, method=method)
    assert_close(model(images), before)
    tuned = perturb(model)(images)
    assert (tuned - before).abs().max() > 1e-3
    tensors = {key: value.clone() for key, value in lora.trained_tensors(model).items()}
    assert sum(value.numel() for value in tensors.values()) == count_parameters(model)["trainable"]
    restored = lora.restore(build(*MODELS[kind])[0], lora.Settings(**SETTINGS, method=method), tensors).eval()
    assert_close(restored(images), tuned)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method: 'qlora' is unknown; use one of lora, dora, rslora, loha"):
        wrapped("vit", method="qlora")
