"""The cells of a run, and which files each method of a cell has."""

import copy

import pytest
from fact.config.cells import (
    first_step,
    score_path,
    selections,
    stage_files,
    table_artifacts,
    table_cells,
    table_runs,
    table_scores,
    tuned_score_path,
)
from fact.config.paths import Cell, selection_path
from fact.config.tables import not_applicable
from small_config import CONFIG, changed, of

CELL = Cell("digits", "vit", "activeft", "0.5pct", 3)


def test_cells_come_in_the_order_of_columns_then_rows_then_seeds():
    cells = table_cells(of(CONFIG), "table1")
    # digits: 1 backbone × 2 budgets, cifar10: 2 × 1; times 2 selectors × 2 seeds
    assert len(cells) == len(set(cells)) == (2 + 2) * 2 * 2
    assert cells[:5] == [
        Cell("digits", "vit", "activeft", "20img", 0),
        Cell("digits", "vit", "activeft", "20img", 7),
        Cell("digits", "vit", "random", "20img", 0),
        Cell("digits", "vit", "random", "20img", 7),
        Cell("digits", "vit", "activeft", "100img", 0),
    ]
    columns = list(dict.fromkeys((cell.dataset, cell.backbone, cell.budget) for cell in cells))
    assert columns == [
        ("digits", "vit", "20img"),
        ("digits", "vit", "100img"),
        ("cifar10", "vit", "1pct"),
        ("cifar10", "cnn", "1pct"),
    ]


def test_scores_are_one_a_cell_and_method():
    paths = table_scores(of(CONFIG), "table1")
    assert len(paths) == len(set(paths)) == 16 * 3
    assert paths[:3] == [
        score_path(of(CONFIG), table_cells(of(CONFIG), "table1")[0], name) for name in ("LP", "FF", "FACT")
    ]
    assert table_scores(of(CONFIG), "table2") == [
        f"results/runs/cifar10/{backbone}/random/1pct/seed{seed}/lp-ft/map/score.json"
        for backbone in ("vit", "cnn")
        for seed in (0, 7)
    ]


def test_a_table_asks_for_what_it_was_made_from_each_once():
    paths = table_artifacts(of(CONFIG), "digits")
    assert len(paths) == len(set(paths))
    assert set(table_scores(of(CONFIG), "digits")) < set(paths)
    runs = "results/runs/digits/vit/random/20img/seed7"
    assert {f"{runs}/ff/checkpoint.safetensors", selection_path(table_cells(of(CONFIG), "digits")[0])} < set(
        paths
    )
    assert not any("probe/checkpoint" in path for path in paths)


def test_selections_are_listed_once_though_tables_share_them():
    paths = selections(of(CONFIG))
    assert len(paths) == len(set(paths)) == 16
    assert set(paths) == {selection_path(cell) for cell in table_cells(of(CONFIG), "table1")}
    only_few = changed("run.tables", ["table2"])
    assert selections(of(only_few)) == [selection_path(cell) for cell in table_cells(of(CONFIG), "table2")]


@pytest.mark.parametrize(
    ("budget", "share", "expected"),
    [("50img", 0.5, "25img"), ("5img", 0.5, "2img"), ("1img", 0.5, "1img"), ("0.5pct", 0.5, "0.25pct"),
     ("10pct", 0.1, "1pct"), ("1pct", 0.3, "0.3pct")],
)  # fmt: skip
def test_a_second_step_stands_on_a_share_of_its_budget(budget, share, expected):
    config = {
        "selectors": {"activeft": {}, "badge": {"first": {"selector": "activeft", "share": share}}},
    }
    cell = Cell("digits", "vit", "badge", budget, 3)
    assert first_step(of(config), cell) == Cell("digits", "vit", "activeft", expected, 3)
    assert first_step(of(config), cell._replace(selector="activeft")) is None


def with_prompts() -> dict:
    """CONFIG with a method that runs on vit alone."""
    config = copy.deepcopy(CONFIG)
    config["recipes"]["prompt"] = {"tuner": "prompts", "start": "random"}
    config["methods"]["prompt"] = {"recipe": "prompt"}
    config["backbones"]["cnn"]["tuners"] = ["full", "lora"]
    config["tables"]["table2"]["methods"] = ["LP", "prompt"]
    return config


def test_a_method_is_left_out_on_backbones_that_its_recipe_cannot_tune():
    config = with_prompts()
    assert not_applicable(of(config), "table2") == [("cnn", "prompt")]
    assert not_applicable(of(config), "table1") == []
    runs = [(cell.backbone, method) for cell, method in table_runs(of(config), "table2") if cell.seed == 0]
    assert runs == [("vit", "LP"), ("vit", "prompt"), ("cnn", "LP")]
    paths = table_scores(of(config), "table2") + table_artifacts(of(config), "table2")
    assert any("/vit/" in path and "/prompt/" in path for path in paths)
    assert not any("/cnn/" in path and "/prompt/" in path for path in paths)


def test_methods_of_a_named_row_run_on_its_own_selector_alone_each_once():
    config = copy.deepcopy(CONFIG)
    config["rows"] = {
        "FF": {"selector": "activeft", "method": "FF"},
        "ActiveFT": {"selector": "activeft", "method": "FF"},
        "LP, random": {"selector": "random", "method": "LP"},
    }
    config["tables"]["table2"] = {"title": "Rows", "datasets": ["digits"], "rows": list(config["rows"])}
    config["run"]["seeds"] = [0]
    runs = [(cell.budget, cell.selector, method) for cell, method in table_runs(of(config), "table2")]
    assert runs == [
        ("20img", "activeft", "FF"),
        ("20img", "random", "LP"),
        ("100img", "activeft", "FF"),
        ("100img", "random", "LP"),
    ]


def test_stages_behind_a_score_are_those_that_ran_for_it():
    run = "results/runs/digits/vit/activeft/0.5pct/seed3"
    selected = {"select": "results/selections/digits/vit/activeft/0.5pct/seed3.timing.json"}
    assert stage_files(of(CONFIG), CELL, "LP") == selected | {"probe": f"{run}/probe/sgd/timing.json"}
    assert stage_files(of(CONFIG), CELL, "FF") == selected | {"tune": f"{run}/ff/timing.json"}
    assert stage_files(of(CONFIG), CELL, "FACT") == selected | {
        "probe": f"{run}/probe/probe/timing.json",
        "tune": f"{run}/lp-ft/timing.json",
        "refine": f"{run}/lp-ft/refined.timing.json",
        "head": f"{run}/lp-ft/map/timing.json",
    }
    assert tuned_score_path(of(CONFIG), CELL, "FACT") == f"{run}/lp-ft/score.json"
    assert tuned_score_path(of(CONFIG), CELL, "LP") is None
