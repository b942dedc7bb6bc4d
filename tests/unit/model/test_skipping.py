"""Which recipes are not tried: LoRA where a backbone has convolutions alone, and nothing else."""

from pathlib import Path

import pytest
from fact.backbones.spec import read_declared
from fact.backbones.weights import fetch_weights
from fact.model.phases import Phases
from fact.model.skipping import reason_to_skip
from fact.training.heads.spec import read_head_spec
from fact.training.recipe import read_recipe
from tuner_settings import TUNERS
from vits import OTHERS, TINY, declared

MODELS = {
    "convolutions": ("mobilenetv2_035", {}, 32),
    "vit": ("vit_tiny_patch16_224", TINY, 16),
    # its blocks are convolutions, their MLPs are linear
    "convnext": OTHERS["convnext"],
}


def phases(tuner: str | None) -> Phases:
    recipe = read_recipe(TUNERS[tuner]) if tuner else None
    return Phases(recipe, None, read_head_spec({"kind": "lr"}), "fp32", 8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of random weights of each model."""
    folders = {}
    for kind, (name, args, side) in MODELS.items():
        entry = {**declared(side), "model": name, "model_args": args}
        folders[kind] = tmp_path_factory.mktemp(kind)
        fetch_weights(read_declared(kind, entry), folders[kind])
    return folders


def test_lora_on_convolutions_alone_is_skipped_and_says_why(weights: dict[str, Path]) -> None:
    reason = reason_to_skip(weights["convolutions"], phases("lora"))
    assert reason == "LoRA on a convolutional network is below full finetuning and as slow"


@pytest.mark.parametrize("kind", ["vit", "convnext"])
def test_lora_on_linear_layers_is_tried(weights: dict[str, Path], kind: str) -> None:
    assert reason_to_skip(weights[kind], phases("lora")) == ""


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("tuner", ["full", None])
def test_full_finetuning_and_the_frozen_backbone_are_always_tried(
    weights: dict[str, Path], kind: str, tuner: str | None
) -> None:
    assert reason_to_skip(weights[kind], phases(tuner)) == ""


def test_the_forecast_knows_which_backbones_have_linear_layers(weights: dict[str, Path]) -> None:
    from fact.project.forecast import has_linear_layers

    found = {kind: has_linear_layers(folder / "model.safetensors") for kind, folder in weights.items()}
    assert found == {"convolutions": False, "vit": True, "convnext": True}
