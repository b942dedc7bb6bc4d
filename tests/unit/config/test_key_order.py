"""The order of keys in a configuration changes nothing that a job is given, so it runs nothing again."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from inspect import getmembers, isfunction, signature
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from fact.config import segmentation, settings, tables, targets, used
from fact.config.declared import Config
from fact.config.settings import plain
from fact.config.settle import settled_config
from reordered import backwards

ROOT = Path(__file__).parents[3]
OVERLAY = """
run: {datasets: [photos], report: [selection, distortion]}
datasets:
  photos:
    source: own_images
    root: images
    options: {verify: full, test: test, max_pixels: 90, exif: true}
    backbones: [vit_digits]
    budgets: [40img, 20img]
    transform: released
    labels: labels.csv
    training: {momentum: 0.5, epochs: 3, augmentation: {flip: 0.0, crop_scale: [0.6, 1.0]}}
    recipes: {lp-ft: {epochs: 2, learning_rate: 0.1, budgets: {20img: {momentum: 0.1, epochs: 1}}}}
    selectors: {activeft: {iterations: 5, balance: 2.0}}
    calibrations: {activedc: {restarts: 1, alpha: 0.5}}
  ade20k:
    segmentation: {budgets: {5pct: {iterations: 9000, batch_size: 3}}, images: {scale: [1, 2], flip: 0.1}}
"""
# names that each wildcard takes
NAMES = {
    "dataset": ["photos", "digits"],
    "backbone": ["vit_digits", "vit_small_dino"],
    "selector": ["activeft", "badge", "bilaf"],
    "calibration": ["activedc"],
    "propagation": ["graph"],
    "probe": ["lbfgs", "sgd"],
    "recipe": ["lp-ft", "lp-lora"],
    "candidate": ["frozen", "lp-ft", "lp-lora"],
    "head": ["map", "auto"],
    "budget": ["20img", "5pct"],
    "history": ["last"],
    "split": ["pool"],
    "table": ["table1", "table7"],
}
# functions that take other names
OWN = {
    "pretraining_settings": {"backbone": ["vit_digits_pretrained_here"]},
    "pattern_settings": {"selector": ["freesel"]},
    "text_settings": {"selector": ["vecaf-text"]},
    "segmentation_probe_settings": {"probe": ["upernet"]},
    "segmentation_head_settings": {"head": ["frofa"]},
    "surest_settings": {"calibration": ["surest"]},
    "example_settings": {"table": ["table7"], "dataset": ["ade20k"]},
}
# these are given settings or a path, rather than names
HELPERS = ("training_settings", "stage_settings", "resume_settings")


def settings_of(module: ModuleType) -> list[Callable]:
    """The public functions of a module that make something of a configuration."""
    return [
        function
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in HELPERS
        and next(iter(signature(function).parameters.values())).annotation is Config
    ]


FUNCTIONS = [*settings_of(settings), *settings_of(segmentation)]
FUNCTIONS += [tables.table_settings, tables.oracles, used.used_config]
FUNCTIONS += [targets.score_cells, targets.distortion_cells, targets.selector_cells, targets.example_settings]


@cache
def shipped() -> Config:
    """The whole paper, and a dataset with settings of its own at every place."""
    paper = yaml.safe_load((ROOT / "config/paper.yaml").read_text("utf-8"))
    return settled_config(ROOT, [paper, yaml.safe_load(OVERLAY)])


@cache
def other_way_round() -> Config:
    """The same in another order; the run is left as it is, being lists."""
    return Config(**{key.name: backwards(getattr(shipped(), key.name)) for key in fields(Config)})


def calls(function: Callable) -> Iterator[tuple[str, ...]]:
    """Every choice of names for the wildcards of a function."""
    task = {"dataset": ["ade20k"]} if function.__module__ == segmentation.__name__ else {}
    names = NAMES | task | OWN.get(function.__name__, {})
    _, *wildcards = signature(function).parameters
    yield from product(*(names[wildcard] for wildcard in wildcards))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_settings_are_the_same_in_any_order_of_keys(function: Callable) -> None:
    for names in calls(function):
        one, other = function(shipped(), *names), function(other_way_round(), *names)
        assert json.dumps(plain(one)) == json.dumps(plain(other)), names


def test_the_other_order_is_one_that_a_job_would_see() -> None:
    one, other = (config.datasets["photos"]["options"] for config in (shipped(), other_way_round()))
    assert one == other and json.dumps(one) != json.dumps(other)


# what makes the parameters of a job: settings in their order, or what no order of keys concerns
MADE_BY = ("from_config", "unwatched", "settings.plain", "code_of", "resume_state", "templates_sha256")
FUNCTIONS_OF_A_JOB = ("model_resume_state", "content_sha256")


def parameters(rules: str) -> list[str]:
    """The right sides of all ``params`` in a file of rules."""
    blocks = re.findall(r"^    params:\n((?: {8}.*\n)+)", rules, re.MULTILINE)
    return [value for block in blocks for value in re.findall(r"^ {8}\w+=(.*),$", block, re.MULTILINE)]


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/rules").glob("*.smk")), ids=lambda path: path.stem)
def test_rules_give_their_jobs_plain_settings_alone(path: Path) -> None:
    text = path.read_text("utf-8")
    found = parameters(text)
    assert len(found) >= text.count("\n    params:\n")
    assert [value for value in found if value.split("(")[0] not in (*MADE_BY, *FUNCTIONS_OF_A_JOB)] == []
