"""What `fact smoke` runs of a configuration."""

from pathlib import Path

from fact.commands.options import settled
from fact.commands.planning.smoke_cells import EPOCHS, smoke_overlay, smoke_targets
from fact.config.settings import recipe_settings
from fact.config.settle import settled_config

ROOT = Path(__file__).parents[4]


def test_the_paper_is_smoked_on_every_dataset_and_backbone_of_its_tables() -> None:
    paper = settled([ROOT / "config/paper.yaml"])
    targets = smoke_targets(paper)
    places = {tuple(target.split("/")[2:4]) for target in targets}
    assert {dataset for dataset, _ in places} == {
        "cifar10", "cifar100", "imagenet1k", "cifar10_lt", "cifar100_lt",
        "stanford_cars", "fgvc_aircraft", "ade20k",
    }  # fmt: skip
    largest = {target.split("/")[5] for target in targets if target.split("/")[2] == "imagenet1k"}
    assert largest == {"2pct"} and len(targets) < 150
    assert any(target.endswith("/bare_loop.json") for target in targets)
    assert not any("ade20k" in target and target.endswith("bare_loop.json") for target in targets)


def test_every_training_is_short_and_paths_hold_in_another_folder(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("sample_id,label\n")
    given = {"datasets": {"digits": {"labels": str(labels)}}}
    overlay = smoke_overlay(settled_config(ROOT, [given]))
    assert overlay["datasets"]["digits"]["labels"] == str(labels)
    short = settled_config(ROOT, [given, overlay])
    for recipe in short.recipes:
        settings = recipe_settings(short, "digits", "vit_digits", recipe=recipe, budget="20img")
        assert settings["epochs"] == EPOCHS, recipe
