import copy
import json
from pathlib import Path

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
from fact.config.paths import Cell, input_path, method_folder, run_folder, selection_path
from fact.config.settings import (
    calibration_settings,
    evaluation_epochs,
    model_candidates,
    model_phases,
    plain,
    probe_settings,
    recipe_settings,
    selector_settings,
    transforms,
)
from fact.config.tables import not_applicable
from fact.config.targets import model_files
from small_config import CONFIG, of

CELL = Cell("digits", "vit", "activeft", "0.5pct", 3)


def changed(path: str, value: object) -> dict:
    """CONFIG with one dotted key set."""
    config = copy.deepcopy(CONFIG)
    *above, last = path.split(".")
    place = config
    for name in above:
        place = place[name]
    place[last] = value
    return config


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


def layered(depth: int) -> dict:
    """CONFIG with momentum 0, 1, … in the first ``depth`` places that may set it; the sixth is a budget's."""
    config = copy.deepcopy(CONFIG)
    config["recipes"]["ff"] = {"tuner": "full", "start": "random"}
    own = config["datasets"]["digits"]["recipes"].setdefault("ff", {"budgets": {"20img": {}}})
    places = [
        config["training"],
        config["backbones"]["vit"]["training"],
        config["datasets"]["digits"]["training"],
        config["recipes"]["ff"],
        own,
        own["budgets"]["20img"],
    ]
    for number, place in enumerate(places[:depth]):
        place["momentum"] = number
    return config


@pytest.mark.parametrize("depth", range(1, 7))
def test_the_more_particular_setting_wins(depth):
    assert recipe_settings(of(layered(depth)), "digits", "vit", "ff", "20img")["momentum"] == depth - 1


def test_settings_of_other_names_have_no_part():
    config = layered(6)
    assert recipe_settings(of(config), "digits", "vit", "ff", "100img")["momentum"] == 4
    assert recipe_settings(of(config), "digits", "vit", "lp-ft", "20img")["momentum"] == 2
    assert recipe_settings(of(config), "cifar10", "vit", "ff", "20img")["momentum"] == 3
    assert recipe_settings(of(config), "cifar10", "cnn", "lp-ft", "1pct")["momentum"] == 0


def test_augmentation_is_merged_key_by_key_and_lists_are_replaced():
    config = copy.deepcopy(CONFIG)
    config["backbones"]["vit"]["training"] = {"augmentation": {"interpolation": "bilinear"}}
    config["datasets"]["digits"]["training"] = {"augmentation": {"crop_scale": [0.6, 1.0]}}
    config["datasets"]["digits"]["recipes"] = {"ff": {"augmentation": {"flip": 0.0}}}
    settings = recipe_settings(of(config), "digits", "vit", "ff", "20img")
    assert settings["augmentation"] == {"crop_scale": [0.6, 1.0], "flip": 0.0, "interpolation": "bilinear"}


def test_recipe_settings_are_complete_and_leave_the_configuration_alone():
    config = layered(6)
    before = copy.deepcopy(config)
    settings = recipe_settings(of(config), "digits", "vit", "ff", "20img")
    assert set(settings) == {*CONFIG["training"], "tuner", "start"}
    settings["augmentation"]["flip"] = 9
    assert config == before


def test_converged_probe_has_its_own_settings_alone():
    config = changed("backbones.vit.training", {"learning_rate": 0.1})
    assert probe_settings(of(config), "digits", "vit", "lbfgs") == CONFIG["probes"]["lbfgs"]


def test_sgd_probe_is_resolved_like_a_recipe():
    config = copy.deepcopy(CONFIG)
    config["backbones"]["vit"]["training"] = {"learning_rate": 0.1, "momentum": 0.5, "epochs": 11}
    config["datasets"]["digits"]["training"] = {"momentum": 0.8, "epochs": 12}
    settings = probe_settings(of(config), "digits", "vit", "sgd")
    assert set(settings) == {"kind", "training"} and settings["kind"] == "sgd"
    expected = CONFIG["training"] | {"learning_rate": 0.1, "momentum": 0.8, "epochs": 40}
    assert settings["training"] == expected


@pytest.mark.parametrize(
    ("epochs", "every", "history", "expected"),
    [
        (50, 1, "last", [49]),
        (1, 6, "last", [0]),
        (5, 1, "paper", [0, 1, 2, 3, 4]),
        (10, 4, "paper", [3, 7, 9]),
        (12, 4, "paper", [3, 7, 11]),
        (3, 10, "paper", [2]),
        (1, 1, "paper", [0]),
    ],
)
def test_epochs_that_are_scored(epochs, every, history, expected):
    assert evaluation_epochs({"epochs": epochs, "history_every": every}, history) == expected


def test_full_finetuning_is_scored_fifty_times_as_the_other_recipes():
    epochs = evaluation_epochs({"epochs": 300, "history_every": 6}, "paper")
    assert len(epochs) == 50 and epochs[:2] == [5, 11] and epochs[-1] == 299
    assert len(evaluation_epochs({"epochs": 50, "history_every": 1}, "paper")) == 50


def test_plain_sorts_keys_at_every_depth():
    first = {"b": {"z": 1, "a": [{"y": 2, "x": (3, 4)}]}, "a": None}
    second = {"a": None, "b": {"a": [{"x": [3, 4], "y": 2}], "z": 1}}
    text = '{"a": null, "b": {"a": [{"x": [3, 4], "y": 2}], "z": 1}}'
    assert json.dumps(plain(first)) == json.dumps(plain(second)) == text
    assert repr(plain(plain(first))) == repr(plain(second))


def test_plain_keeps_values_and_types():
    values = {"a": 1, "b": 1.0, "c": True, "d": "1e-3", "e": 1e-05, "f": float("inf")}
    result = plain(values)
    assert result == values and [type(result[key]) for key in values] == [
        type(value) for value in values.values()
    ]


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


@pytest.mark.parametrize(
    ("declared", "by_stage"),
    [("crop", ("crop", "crop")), ("squash", ("squash", "squash")), ("released", ("squash", "inner_crop"))],
)
def test_transforms_differ_between_stages_as_in_the_released_code_alone(declared, by_stage):
    assert transforms(of(changed("datasets.digits.transform", declared)), "digits") == by_stage


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


def test_a_dataset_has_parameters_of_its_own_for_selectors_and_calibrations():
    config = copy.deepcopy(CONFIG)
    config["selectors"]["activeft"] = {"module": "activeft", "params": {"iterations": 300, "balance": 1.0}}
    config["calibrations"] = {"dc": {"module": "activedc", "params": {"alpha": 0.7}}}
    config["datasets"]["digits"] |= {
        "selectors": {"activeft": {"iterations": 5}},
        "calibrations": {"dc": {"alpha": 0.1}},
    }
    assert selector_settings(of(config), "digits", "activeft")["params"] == {"iterations": 5, "balance": 1.0}
    assert selector_settings(of(config), "cifar10", "activeft")["params"]["iterations"] == 300
    assert calibration_settings(of(config), "digits", "dc")["params"] == {"alpha": 0.1}
    assert calibration_settings(of(config), "cifar10", "dc")["params"] == {"alpha": 0.7}


def test_a_configured_file_is_an_input_that_snakemake_does_not_fill_in() -> None:
    here = Path("/a/{b} c")
    assert input_path("/a/{b} c/labels.csv", here) == "labels.csv"
    assert input_path("/a/labels.csv", here) == "/a/labels.csv"
    assert input_path("labels.csv", here) == "labels.csv"
    with pytest.raises(ValueError, match="has braces, which Snakemake fills in; rename it"):
        input_path("/d/{dataset}/labels.csv", here)


def with_labels() -> dict:
    """CONFIG with labels for cifar10, and a model to choose."""
    config = copy.deepcopy(CONFIG)
    config["datasets"]["cifar10"]["labels"] = "labels.csv"
    config["recipes"] = {
        "lp-lora": {"tuner": "lora", "start": "lbfgs", "epochs": 50},
        "ff": {"tuner": "full", "start": "random", "epochs": 300},
    }
    config["probes"] = {"lbfgs": {"kind": "lbfgs", "C": 1.0}}
    config["training"] = {"epochs": 10, "momentum": 0.9}
    config["heads"] = {"auto": {"kind": "auto"}}
    config["model"] = {"recipes": ["lp-lora", "ff"], "head": "auto", "folds": 4, "seed": 0, "next": 9}
    config["run"] |= {"precision": "fp32", "batch_size": 8}
    return config


def test_models_are_made_of_datasets_with_labels():
    folders = {path.rpartition("/")[0] for path in model_files(of(with_labels()))}
    assert folders == {"results/models/cifar10/vit", "results/models/cifar10/cnn"}


def test_no_labels_no_model():
    with pytest.raises(ValueError, match="none of the datasets digits, cifar10 has `labels`"):
        model_files(of(CONFIG))


def test_a_model_is_chosen_among_what_its_backbone_can_have():
    config = with_labels()
    assert model_candidates(of(config), "vit") == ["frozen", "lp-lora", "ff"]
    config["backbones"]["cnn"]["tuners"] = ["full"]
    assert model_candidates(of(config), "cnn") == ["frozen", "ff"]


@pytest.mark.parametrize(
    ("candidate", "epochs", "probe"),
    [("frozen", None, None), ("lp-lora", 50, {"kind": "lbfgs", "C": 1.0}), ("ff", 300, None)],
)
def test_phases_of_a_model_have_all_settings_resolved(candidate, epochs, probe):
    phases = model_phases(of(with_labels()), "cifar10", "vit", candidate)
    assert (phases["recipe"] and phases["recipe"]["epochs"]) == epochs and phases["probe"] == probe
    assert phases["head"] == {"kind": "auto"} and phases["precision"] == "fp32"
