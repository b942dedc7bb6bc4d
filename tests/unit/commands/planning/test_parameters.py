"""Every declared backbone and recipe, on shapes alone."""

from pathlib import Path

import pytest
import yaml
from fact.commands.planning.parameters import backbone_row, recipe_rows
from fact.config.registries import with_registries
from fact.training.classifier import TUNERS

FOLDER = Path(__file__).parents[4] / "config"
CONFIG = with_registries({}, FOLDER)
RANDOM = with_registries(yaml.safe_load((FOLDER / "random_backbones.yaml").read_text("utf-8")), FOLDER)
# parameters without classifier, pooled, tokens
SIZES = {
    "vit_letters": (801_664, 128, (4, 4, 128)),
    "vit_digits": (801_664, 128, (4, 4, 128)),
    "vit_small_dino": (21_665_664, 384, (14, 14, 384)),
    "vit_base_dino": (85_798_656, 768, (14, 14, 768)),
    "vit_base_clip": (85_799_424, 768, (14, 14, 768)),
    "vit_large_clip": (303_179_776, 1024, (16, 16, 1024)),
    "vit_small_dinov2": (21_628_800, 384, (16, 16, 384)),
    "vit_small_dinov2_registers": (21_629_952, 384, (16, 16, 384)),
    "deit_small": (21_665_664, 384, (14, 14, 384)),
    "convnext_tiny": (27_820_128, 768, (7, 7, 768)),
    "convnext_tiny_stage2": (12_348_000, 384, (14, 14, 384)),
    "vil2_small": (22_637_386 - 7_690, 768, (14, 14, 384)),
}


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Import timm and peft before a test's own seconds are counted."""
    rows("vit_small_dino")


def rows(name: str, classes: int = 10) -> dict:
    found = recipe_rows(name, CONFIG["backbones"][name], CONFIG["recipes"], classes)
    return {row.name: row for row in found}


@pytest.mark.parametrize("name", CONFIG["backbones"])
def test_every_declared_backbone_has_its_sizes(name):
    row = backbone_row(name, CONFIG["backbones"][name])
    assert (row.parameters, row.pooled, row.tokens) == SIZES[name.removesuffix("_pretrained_here")]


def test_the_papers_counts_on_vit_small():
    found = rows("vit_small_dino")
    trained = {name: row.trainable for name, row in found.items()}
    assert trained["ff"] == trained["lp-ft"] == 21_669_514
    assert trained["lp-lora"] == 151_306 and round(100 * 151_306 / found["lp-lora"].total, 2) == 0.69
    assert trained["lp-prefix"] == 142_090 and round(100 * 142_090 / found["lp-prefix"].total, 2) == 0.65
    assert trained["lp-prompt"] == 12 * 10 * 384 + 3_850
    assert trained["lp-prompt-shallow"] == 10 * 384 + 3_850


@pytest.mark.parametrize("name", ["convnext_tiny_stage2", pytest.param("vil2_small", marks=pytest.mark.slow)])
def test_recipes_that_make_no_sense_say_why(name):
    found = rows(name)
    refused = {recipe for recipe, row in found.items() if row.refusal}
    assert refused == {
        recipe for recipe, entry in CONFIG["recipes"].items() if entry["tuner"] in ("prompts", "prefix")
    }
    assert "use a recipe of tuner full or lora" in found["lp-prefix"].refusal


@pytest.mark.parametrize("name", RANDOM["backbones"])
def test_a_backbone_declares_the_tuners_that_can_tune_it(name):
    declared, recipes = RANDOM["backbones"][name], RANDOM["recipes"]
    chosen = {recipe: recipes[recipe] for recipe in ("ff", "lp-lora", "lp-prompt", "lp-prefix")}
    found = recipe_rows(name, declared, chosen, 10)
    able = [chosen[row.name]["tuner"] for row in found if not row.refusal]
    assert able == declared.get("tuners", list(TUNERS))


def test_features_without_a_grid_have_no_tokens():
    entry = {"model": "xcit_nano_12_p16_224", "model_args": {"depth": 1, "img_size": 32}}
    assert backbone_row("xcit", entry).tokens is None
