"""The files that each target asks for."""

import pytest
from fact.config import targets
from fact.config.cells import run_cells, run_scores, table_artifacts
from fact.config.targets import model_files
from report_run import run_config
from small_config import CONFIG, changed, of, with_labels


def test_models_are_made_of_datasets_with_labels():
    folders = {path.rpartition("/")[0] for path in model_files(of(with_labels()))}
    assert folders == {"results/models/cifar10/vit", "results/models/cifar10/cnn"}


def test_no_labels_no_model():
    with pytest.raises(ValueError, match="none of the datasets digits, cifar10 has `labels`"):
        model_files(of(CONFIG))


def test_a_table_comes_in_every_format_with_its_figure_and_what_it_was_made_from():
    files = targets.table_files(of(CONFIG), "table1")
    beside = [f"results/tables/table1.{suffix}" for suffix in ("csv", "md", "tex")]
    assert files == [
        *table_artifacts(of(CONFIG), "table1"),
        *beside,
        "results/figures/table1-over-budget.pdf",
    ]
    plain = of(changed("tables.table1.figure", "none"))
    assert targets.table_files(plain, "table1") == files[:-1]


def test_all_tables_are_those_of_the_run():
    files = targets.all_tables(of(CONFIG))
    assert files == targets.table_files(of(CONFIG), "table1") + targets.table_files(of(CONFIG), "table2")
    few = of(changed("run.tables", ["table2"]))
    assert targets.all_tables(few) == targets.table_files(few, "table2")


def test_downloads_are_what_the_tables_of_the_run_use_each_once():
    config = of(changed("run.tables", ["table2"]))
    assert targets.download_files(config) == [
        "results/sources/cifar10/source.json",
        "results/weights/vit/model.safetensors",
        "results/weights/cnn/model.safetensors",
    ]
    assert len(targets.download_files(of(CONFIG))) == 4


def test_selections_come_with_their_sheets_and_side_by_side():
    files = targets.selection_files(of(CONFIG))
    sheets = targets.files_beside_selections(of(CONFIG), "html")
    assert len(sheets) == len(set(sheets)) == len(run_cells(of(CONFIG))) and set(sheets) < set(files)
    assert files[-3:] == [f"results/tables/selectors.{suffix}" for suffix in ("csv", "md", "tex")]
    one = targets.selector_cells(of(CONFIG))[0]
    where = "results/selections/digits/vit/activeft/20img/seed0"
    assert one["measures"] == f"{where}.measures.json" and one["timing"] == f"{where}.timing.json"


def test_scores_of_a_table_come_with_their_times():
    cells = targets.score_cells(of(CONFIG), "table2")
    timings = targets.table_timings(of(CONFIG), "table2")
    assert [(cell["backbone"], cell["seed"]) for cell in cells] == [
        ("vit", 0),
        ("vit", 7),
        ("cnn", 0),
        ("cnn", 7),
    ]
    assert len(timings) == len(set(timings))
    assert set(timings) == {path for cell in cells for path in cell["stages"].values()}
    assert all(cell["tuned"].endswith("/lp-ft/score.json") for cell in cells)


def test_distortion_is_measured_of_each_recipe_once_and_of_no_probe():
    records = targets.distortion_records(of(CONFIG))
    runs = run_scores(of(CONFIG))
    assert len(records) == len(set(records)) == len({cell for cell, _ in runs}) * 2
    assert not any("/probe/" in path for path in records)


def test_example_predictions_are_those_of_the_first_seed():
    config = run_config({"run": {"tables": ["table7"], "seeds": [3, 4], "report": []}})
    sections = targets.example_files(config, "table7", "ade20k")
    shown = [path for files in sections.values() for path in files.values()]
    assert shown and all("/seed3/" in path and path.endswith("/shown.safetensors") for path in shown)
    asked = targets.example_settings(config, "table7", "ade20k")
    assert asked["sections"] == sections and len(asked["methods"]) == len(set(asked["methods"]))
    assert targets.panel_datasets(config) == [("table7", "ade20k")]
    pages = targets.segmentation_files(config, "table7")
    assert pages == ["results/datasets/ade20k/masks.parquet", "results/figures/table7-ade20k-panels.html"]
