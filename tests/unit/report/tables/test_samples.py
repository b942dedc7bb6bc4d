import numpy as np
import pytest
from fact.report.tables.samples import table_samples, training_minutes
from table_scores import COLUMN, frame, row, score, spec


def test_rows_of_one_selector_and_method_share_its_scores():
    scores = frame(score(0.5, method="FF", best=0.6), score(0.9, "random", "FF"))
    samples = table_samples(scores, spec(row("FF"), row("ActiveFT", method="FF")))
    assert samples["row"].tolist() == ["FF", "ActiveFT"]
    assert samples["last"].tolist() == [50.0, 50.0] and samples["best"].tolist() == [60.0, 60.0]


def test_scores_of_other_columns_are_left_out():
    scores = frame(score(0.5), score(0.9, column=("digits", "vit", "99img")))
    assert table_samples(scores, spec(row("LP")))["last"].tolist() == [50.0]


def test_gains_are_differences_of_the_same_seed():
    rows = [
        score(0.5, seed=0),
        score(0.6, seed=1),
        score(0.75, method="FF", seed=1),
        score(1.0, method="FF", seed=2),
    ]
    gains = spec(row("FF"), row("LP"), kind="gains", steps=[["FF", "LP"], ["LP", "FF"]])
    samples = table_samples(frame(*rows), gains)
    assert samples[["row", "seed"]].to_numpy().tolist() == [["FF - LP", 1], ["LP - FF", 1]]
    assert samples["last"].tolist() == pytest.approx([15.0, -15.0])


def test_a_step_without_scores_has_no_gain():
    gains = spec(row("FF"), row("LP"), kind="gains", steps=[["FF", "LP"]])
    assert table_samples(frame(score(0.5)), gains).empty


def test_minutes_are_those_of_training_alone():
    seconds = {"select": 1000.0, "probe": 6.0, "tune": 54.0, "refine": np.nan}
    scores = frame(score(0.5, **{f"training_seconds.{stage}": value for stage, value in seconds.items()}))
    assert training_minutes(scores).tolist() == [1.0]
    samples = table_samples(scores, spec(row("LP"), kind="minutes"))
    assert samples["last"].tolist() == [1.0] and samples["best"].isna().all()
    assert tuple(samples[["dataset", "backbone", "budget"]].iloc[0]) == COLUMN
