"""Paths of the results, and of files that the configuration names."""

from pathlib import Path

import pytest
from fact.config.cells import score_path
from fact.config.paths import Cell, input_path, method_folder, run_folder, selection_path
from small_config import CONFIG, of

CELL = Cell("digits", "vit", "activeft", "0.5pct", 3)


def test_paths_are_those_of_the_grammar():
    run = "results/runs/digits/vit/activeft/0.5pct/seed3"
    assert run_folder(CELL) == run
    assert selection_path(CELL) == "results/selections/digits/vit/activeft/0.5pct/seed3.csv"
    assert score_path(of(CONFIG), CELL, "LP") == f"{run}/probe/sgd/score.json"
    assert score_path(of(CONFIG), CELL, "FF") == f"{run}/ff/score.json"
    assert score_path(of(CONFIG), CELL, "FACT") == f"{run}/lp-ft/map/score.json"


def test_method_folder_is_that_of_its_last_stage():
    methods = [
        {"probe": "lbfgs"},
        {"recipe": "ff"},
        {"recipe": "ff", "head": None},
        {"recipe": "ff", "head": "map"},
    ]
    assert list(map(method_folder, methods)) == ["probe/lbfgs", "ff", "ff", "ff/map"]


def test_a_configured_file_is_an_input_that_snakemake_does_not_fill_in() -> None:
    here = Path("/a/{b} c")
    assert input_path("/a/{b} c/labels.csv", here) == "labels.csv"
    assert input_path("/a/labels.csv", here) == "/a/labels.csv"
    assert input_path("labels.csv", here) == "labels.csv"
    with pytest.raises(ValueError, match="has braces, which Snakemake fills in; rename it"):
        input_path("/d/{dataset}/labels.csv", here)
