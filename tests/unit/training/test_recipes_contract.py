"""Every recipe on every family of backbones: tuned, saved, restored, refined and given a phase-3 head."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fact.backbones.extraction import extract
from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import create_architecture, load_backbone, write_backbone
from fact.training.checkpoint import checkpoint_head, load_checkpoint, save_checkpoint
from fact.training.classifier import read_tuner
from fact.training.epochs import LabelledInputs
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.spec import read_head_spec
from fact.training.recipe import Start, build_model, read_recipe, tune_model
from torch import Tensor
from tuner_settings import TUNERS

SMALL = {"embed_dim": 32, "depth": 2, "num_heads": 2}
CONVNEXT = {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 32)}
# architecture, arguments, side of the images, (H, W, C) of the tokens
FAMILIES = {
    "vit": ("vit_small_patch16_224", SMALL | {"img_size": 32, "patch_size": 8}, 32, (4, 4, 32)),
    "clip, patch 14": ("vit_large_patch14_clip_224", SMALL | {"img_size": 28}, 28, (2, 2, 32)),
    "dinov2": ("vit_small_patch14_dinov2", SMALL | {"img_size": 28}, 28, (2, 2, 32)),
    "dinov2, registers": ("vit_small_patch14_reg4_dinov2", SMALL | {"img_size": 28}, 28, (2, 2, 32)),
    "convnext": ("convnext_tiny", CONVNEXT, 64, (2, 2, 32)),
    "convnext to stage 2": ("convnext_tiny_stage2", CONVNEXT, 32, (2, 2, 24)),
    "vil": ("vil2_small", {"img_size": 32, "embed_dim": 16, "depth": 2}, 32, (2, 2, 16)),
}
MAP = {
    "kind": "map",
    "C": 10.0,
    "rho": 10.0,
    "frofa": {"variant": "c2", "strength": 0.1, "views": 1},
    "heads": 1,
}


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A family and a weights folder of it."""
    architecture, args, side, _ = FAMILIES[request.param]
    torch.manual_seed(0)
    half = (0.5, 0.5, 0.5)
    spec = BackboneSpec(
        architecture=architecture, model_args=args, image_size=side, interpolation="bicubic",
        mean=half, std=half, source="none",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("weights") / "w"
    write_backbone(folder, create_architecture(architecture, args), spec)
    return request.param, folder


def images_of(side: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (9, 3, side, side), dtype=torch.uint8, generator=generator), torch.arange(
        9
    ) % 3


def tuned(folder: Path, recipe: str, images: Tensor, labels: Tensor) -> torch.nn.Module:
    settings = read_recipe(TUNERS[recipe] | {"epochs": 1})
    model, spec = build_model(Start(folder), 3, settings, 0, torch.device("cpu"))
    tune_model(model, LabelledInputs(images, labels), settings, 0, spec=spec, on_epoch=lambda *_: None)
    return model


@pytest.mark.parametrize("recipe", TUNERS)
def test_a_recipe_runs_to_the_end_or_says_why_not(family, recipe, tmp_path):
    name, folder = family
    _, _, side, grid = FAMILIES[name]
    images, labels = images_of(side)
    if recipe in ("prompts", "prefix") and name.startswith(("convnext", "vil")):
        with pytest.raises(ValueError, match=f"tuner: {recipe} does not work on .* use a recipe of tuner"):
            tuned(folder, recipe, images, labels)
        return
    model, (_, spec) = tuned(folder, recipe, images, labels), load_backbone(folder)
    path = tmp_path / "checkpoint.safetensors"
    tensors = read_tuner(TUNERS[recipe]).trained_tensors(model)
    metadata = {"num_classes": 3, "weights_sha256": spec.weights_sha256}
    save_checkpoint(path, tensors, TUNERS[recipe], metadata)
    backbone = load_checkpoint(path, folder)[0].backbone
    pixels = images.permute(0, 2, 3, 1).numpy()
    ((pooled, tokens),) = extract(
        backbone, [pixels], spec, torch.device("cpu"), precision="fp32", tokens=True
    )
    assert tokens.shape == (9, *grid) and np.isfinite(tokens).all()
    vectors, maps, ids = torch.from_numpy(pooled), torch.from_numpy(tokens), [str(i) for i in range(9)]
    features = LabelledFeatures(vectors, maps, labels, ids, 3)
    head, _ = fit_head(features, read_head_spec(MAP), seed=0, start_head=checkpoint_head(path))
    assert head.kind == "map"
    assert head.logits(torch.from_numpy(pooled), torch.from_numpy(tokens)).isfinite().all()
