"""Paths of the results, and of files that the configuration names."""

import re
from pathlib import Path

import pytest
from fact.config.cells import score_path
from fact.config.paths import (
    FEATURES,
    HEAD,
    RESULTS,
    Cell,
    fill,
    input_path,
    method_folder,
    model_folder,
    path_regex,
    run_folder,
    selection_path,
)
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


def test_patterns_are_filled_with_a_cell_and_further_names():
    assert fill(HEAD, CELL, recipe="ff", head="map") == f"{run_folder(CELL)}/ff/map"
    assert model_folder("digits", "vit") == "results/models/digits/vit"
    assert selection_path(CELL, "timing.json").endswith("/0.5pct/seed3.timing.json")
    with pytest.raises(KeyError, match="head"):
        fill(HEAD, CELL, recipe="ff")


def test_names_are_read_back_out_of_a_path():
    pattern = f"{FEATURES}/{{split}}.h5"
    names = {"dataset": "digits", "backbone": "vit", "split": "pool"}
    path = pattern.format(**names).removeprefix(f"{RESULTS}/")
    assert re.fullmatch(path_regex(pattern), path).groupdict() == names
    for other in ("features/digits/vit/poolxh5", "features/a/digits/vit/pool.h5", f"{RESULTS}/{path}"):
        assert not re.fullmatch(path_regex(pattern), other)
