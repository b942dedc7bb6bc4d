import math
import statistics

import pytest
from fact.report.tables.cells import build_cells, table_lines
from table_scores import COLUMN, frame, published, row, score, spec

OTHER = ("cifar10", "vit", "1pct")


def test_cell_is_mean_and_sample_deviation_over_seeds_in_percent():
    values = [0.512, 0.575, 0.4831]
    (cell,) = build_cells(frame(*map(score, values)), spec(row("LP")), published()).to_dict("records")
    percent = [100 * value for value in values]
    assert cell["mean"] == pytest.approx(statistics.mean(percent)) and cell["n"] == 3
    assert cell["sd"] == pytest.approx(statistics.stdev(percent))
    assert (cell["state"], cell["best_n"], cell["metric"]) == ("measured", 0, "top1")


def test_every_row_has_every_column_in_the_order_asked_for():
    table = spec(row("FF"), row("LP"), columns=[list(OTHER), list(COLUMN)])
    cells = build_cells(frame(score(0.5)), table, published())
    places = list(zip(cells["row"], cells["dataset"], strict=True))
    assert places == [("FF", "cifar10"), ("FF", "digits"), ("LP", "cifar10"), ("LP", "digits")]
    assert cells["state"].tolist() == ["missing", "missing", "missing", "measured"]
    assert cells["n"].tolist() == [0, 0, 0, 1]


def test_published_values_stand_beside_both_variants():
    ours = frame(score(0.80, best=0.86), score(0.82, best=0.88, seed=1))
    known = published((*COLUMN, "LP", "top1", 85.0), (*OTHER, "LP", "top1", 1.0))
    (cell,) = build_cells(ours, spec(row("LP")), known).to_dict("records")
    assert cell["published"] == 85.0
    assert (cell["difference"], cell["best_difference"]) == pytest.approx((-4.0, 2.0))
    assert (cell["best_mean"], cell["best_n"]) == (pytest.approx(87.0), 2)


def test_published_values_of_another_table_or_metric_are_not_taken():
    known = published((*COLUMN, "LP", "minutes", 85.0))
    assert build_cells(frame(score(0.5)), spec(row("LP")), known)["published"].isna().all()
    known = published((*COLUMN, "LP", "top1", 85.0))
    other = spec(row("LP"), published_as="table2")
    assert build_cells(frame(score(0.5)), other, known)["published"].isna().all()


def test_what_cannot_be_is_told_from_what_is_missing():
    table = spec(row("LP"), row("prompt"), not_applicable=[["vit", "prompt"]])
    assert build_cells(frame(score(0.5)), table, published())["state"].tolist() == [
        "measured",
        "not applicable",
    ]


def test_gains_have_a_line_for_each_step():
    rows = [row("LP"), row("FF", oracle=True), row("LR-frozen", beyond=True)]
    table = spec(*rows, kind="gains", steps=[["FF", "LP"], ["LP", "LR-frozen"]])
    marks = [(line["row"], line["oracle"], line["beyond"]) for line in table_lines(table)]
    assert marks == [("FF - LP", True, False), ("LP - LR-frozen", False, True)]
    scores = frame(score(0.5), score(0.6, method="FF"))
    cells = build_cells(scores, table, published((*COLUMN, "FF - LP", "top1_gain", 8.0)))
    assert cells["mean"].iloc[0] == pytest.approx(10.0) and cells["difference"].iloc[0] == pytest.approx(2.0)
    assert cells["state"].tolist() == ["measured", "missing"]


def test_trained_share_is_of_phase_2_on_the_first_dataset():
    share = {"tuned_parameters.trainable": 151_306, "tuned_parameters.total": 21_820_820}
    scores = frame(
        score(0.5, method="L3FACT", **share), score(0.4), score(0.6, method="L3FACT", column=OTHER, **share)
    )
    table = spec(row("L3FACT"), row("LP"), columns=[list(COLUMN), list(OTHER)], trained_share=True)
    cells = build_cells(scores, table, published(("", "vit", "", "L3FACT", "trained_percent", 0.69)))
    shares = cells[cells["metric"] == "trained_percent"]
    assert shares["dataset"].tolist() == ["digits", "digits"]
    assert shares["mean"].iloc[0] == pytest.approx(0.6934, abs=1e-4) and math.isnan(shares["mean"].iloc[1])
