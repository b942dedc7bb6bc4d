"""Which names a wildcard takes, and which it refuses."""

import re

import pytest
from fact.config import constraints
from report_run import run_config
from small_config import CONFIG, changed, of


def takes(expression: str, name: str) -> bool:
    """Whether a wildcard of this expression takes the whole name."""
    return re.fullmatch(f"(?:{expression})", name) is not None


def taken(expression: str, names: list[str]) -> list[str]:
    return [name for name in names if takes(expression, name)]


def test_names_are_taken_whole_and_as_they_are_written() -> None:
    expression = constraints.one_of(["ff", "ff-dc", "a.b", "c+"])
    names = ["ff", "ff-dc", "a.b", "c+"]
    assert taken(expression, names) == names
    assert taken(expression, ["f", "ff-", "axb", "cc", "", "ff/ff"]) == []


def test_the_longest_name_is_tried_first() -> None:
    assert re.match(constraints.one_of(["ff", "ff-dc"]), "ff-dc/score.json").group() == "ff-dc"


@pytest.mark.parametrize("text", ["", "a", "(?!)"])
def test_no_names_match_nothing(text: str) -> None:
    assert not takes(constraints.one_of([]), text)


@pytest.mark.parametrize(
    ("wildcard", "good", "bad"),
    [
        ("dataset", ["digits", "cifar10"], ["digit", "digitss", "vit", "digits/vit"]),
        ("backbone", ["vit", "cnn"], ["digits", "vi"]),
        ("selector", ["activeft", "random"], ["frozen"]),
        ("recipe", ["ff", "lp-ft"], ["frozen", "probe", "lp"]),
        ("probe", ["lbfgs", "sgd"], ["ff"]),
        ("candidate", ["frozen", "ff", "lp-ft"], ["sgd"]),
        ("table", ["table1", "digits"], ["vit", "table1-comparison", "selectors"]),
        ("budget", ["1img", "100img", "0.5pct", "10pct"], ["0img", "01img", "1.5img", ".5pct", "5", "1.pct"]),
        ("split", ["pool", "test"], ["train", "pooltest"]),
        ("seed", ["0", "17"], ["-1", "1.0", "a", ""]),
    ],
)  # fmt: skip
def test_a_wildcard_takes_what_is_declared(wildcard: str, good: list[str], bad: list[str]) -> None:
    expression = constraints.wildcards(of(CONFIG))[wildcard]
    assert taken(expression, [*good, *bad]) == good


def test_registries_without_entries_take_nothing() -> None:
    found = constraints.wildcards(of(CONFIG))
    assert not takes(found["head"], "map") and not takes(found["calibration"], "")


def test_a_backbone_is_either_fetched_or_pretrained() -> None:
    config = changed("backbones.vit.pretrain", {"dataset": "digits"})
    config["backbones"]["cnn"]["pretrain"] = None
    assert taken(constraints.fetched_backbones(of(config)), ["vit", "cnn"]) == ["cnn"]
    assert taken(constraints.pretrained_backbones(of(config)), ["vit", "cnn"]) == ["vit"]


def test_a_selector_has_one_step_or_two() -> None:
    config = of(changed("selectors.badge", {"params": {}, "first": {"selector": "random", "share": 0.5}}))
    names = ["activeft", "random", "badge"]
    assert taken(constraints.one_step_selectors(config), names) == ["activeft", "random"]
    assert taken(constraints.two_step_selectors(config), names) == ["badge"]


def test_datasets_and_tables_are_of_one_task() -> None:
    config = run_config({"run": {"tables": ["table1", "table7"], "report": []}})
    names = ["digits", "ade20k"]
    assert taken(constraints.datasets_of_task(config, segments=False), names) == ["digits"]
    assert taken(constraints.datasets_of_task(config, segments=True), names) == ["ade20k"]
    tables = ["table1", "table7", *names]
    assert taken(constraints.tables_of_segmentation(config), tables) == ["table7", "ade20k"]


def test_the_frozen_backbone_is_a_recipe_of_segmentation_where_maps_are_meant() -> None:
    config = of(changed("segmentation", {"recipes": {"lp-ft": {}, "ff": {}}}))
    names = ["frozen", "ff", "lp-ft"]
    assert taken(constraints.segmentation_recipes(config), names) == ["ff", "lp-ft"]
    assert taken(constraints.segmentation_recipes(config, frozen=True), names) == names
