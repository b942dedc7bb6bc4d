import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.infra.files.record import publish_record
from fact.infra.process.timing import timing_record
from fact.report.tables.collect import collect, read_scores, write_scores
from fact.tasks.classification.score import classification_metrics
from fact.tasks.publish import Outcome, score_record

LABELS = np.array([0, 0, 1, 1, 1])
LOGITS = np.array([[2.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 3.0]])
NAMES = {"dataset": "digits", "backbone": "vit", "selector": "activeft", "budget": "20img", "seed": 1}


def written(path: Path, history: list[dict] | None = None, **setting: object) -> dict:
    """Write a score file as a training stage does; the cell that points to it."""
    record = score_record(
        {**NAMES, "seed": "1", "C_grid": [0.1, 1.0], "code_version": "ab12", **setting},
        Outcome(
            metrics=classification_metrics(LOGITS, LABELS, history or []),
            test_images=len(LABELS),
            parameters={"trainable": 12, "total": 34},
            seconds={},
            history=history or [],
            details={"C": 0.1},
        ),
    )
    publish_record(path, record)
    publish_record(path.with_name("timing.json"), timing_record({"train": 1.5}))
    return {**NAMES, "method": "LP", "path": str(path)}


def test_row_holds_names_scores_and_resources(tmp_path):
    cell = written(tmp_path / "score.json")
    row = collect([cell]).iloc[0]
    assert {key: row[key] for key in cell} == cell
    assert row["top1_last"] == 0.8 and row["test_images"] == 5
    assert row["mean_class_accuracy"] == pytest.approx((0.5 + 1) / 2)
    assert np.isnan(row["top1_best_test"])
    assert (row["parameters.trainable"], row["parameters.total"], row["seconds.train"]) == (12, 34, 1.5)
    assert row["peak_memory_mb.cpu"] > 1


def test_settings_are_json_texts_and_names_come_from_the_cell(tmp_path):
    row = collect([written(tmp_path / "score.json", epochs=50, targets=None)]).iloc[0]
    assert json.loads(row["setting.C_grid"]) == [0.1, 1.0] and json.loads(row["details.C"]) == 0.1
    assert (row["setting.epochs"], row["setting.targets"], row["setting.code_version"]) == (
        "50",
        "null",
        '"ab12"',
    )
    assert row["seed"] == 1 and not [
        name for name in row.index if name in {f"setting.{key}" for key in NAMES}
    ]


def test_best_on_test_is_taken_from_the_history(tmp_path):
    history = [{"epoch": 0, "loss": 2.0, "top1": 0.9}, {"epoch": 1, "loss": 1.0, "top1": 0.8}]
    row = collect([written(tmp_path / "score.json", history)]).iloc[0]
    assert (row["top1_best_test"], row["top1_last"]) == (0.9, 0.8)


def test_rows_keep_the_order_of_the_cells_and_settings_may_differ(tmp_path):
    cells = [written(tmp_path / f"{number}.json", **{f"only{number}": number}) for number in (2, 0, 1)]
    scores = collect(cells)
    assert [Path(path).stem for path in scores["path"]] == ["2", "0", "1"]
    assert list(scores["setting.only0"].isna()) == [True, False, True]


@pytest.mark.parametrize("history", [None, [{"top1": 0.1}, {"top1": 0.2}]])
def test_parquet_is_read_back_equal(tmp_path, history):
    scores = collect([written(tmp_path / "a.json"), written(tmp_path / "b.json", history, extra=1)])
    path = tmp_path / "scores" / "table1.parquet"
    write_scores(path, scores)
    read = read_scores(path)
    pd.testing.assert_frame_equal(read, scores)
    assert read["top1_best_test"].dtype == np.float64
    assert [file.name for file in path.parent.iterdir()] == ["table1.parquet"]


def test_missing_score_file_is_named(tmp_path):
    cell = written(tmp_path / "score.json")
    with pytest.raises(FileNotFoundError, match=r"nowhere.json"):
        collect([cell, {**cell, "path": str(tmp_path / "nowhere.json")}])


@pytest.mark.parametrize(
    ("text", "problem"),
    [('{"top1_last": 0.', "is no record"), ("{}", "is no record"), ("[1]", "is no record")],
)
def test_file_that_is_no_score_record_is_named(tmp_path, text, problem):
    cell = written(tmp_path / "score.json")
    (tmp_path / "score.json").write_text(text)
    with pytest.raises(ValueError, match=rf"score.json {problem}.*; delete it and run again"):
        collect([cell])


def test_a_record_of_another_kind_is_named(tmp_path):
    cell = written(tmp_path / "score.json")
    publish_record(tmp_path / "timing.json", {"images": 3})
    with pytest.raises(ValueError, match=r"timing.json is no score or timing: it has no peak_memory_mb"):
        collect([cell])
