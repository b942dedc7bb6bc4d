from dataclasses import replace

import pytest
from fact.report.tables.comparison import compare_rows, comparison_csv, comparison_markdown, mean_ranks
from fact.report.tables.samples import table_samples
from table_scores import COLUMN, frame, row, score, spec

OTHER = ("cifar10", "vit", "1pct")
THREE = spec(row("LP"), row("FF"), row("FACT"), columns=[list(COLUMN), list(OTHER)], reference="LP")


def both_columns(**tops: tuple[float, float]) -> list[dict]:
    """Scores of each method in the two columns, one seed."""
    return [
        score(top1, method=method, column=column)
        for method, values in tops.items()
        for column, top1 in zip((COLUMN, OTHER), values, strict=True)
    ]


def test_ranks_are_means_over_cells_and_equals_share_theirs():
    scores = frame(*both_columns(LP=(0.1, 0.5), FF=(0.2, 0.5), FACT=(0.3, 0.4)))
    ranks = mean_ranks(table_samples(scores, THREE)).set_index("row")
    assert ranks["mean_rank"].to_dict() == {"LP": 2.25, "FF": 1.75, "FACT": 2.0}
    assert set(ranks["ranked_cells"]) == {2}


def test_cells_in_which_a_row_lacks_a_score_rank_nobody():
    scores = frame(*both_columns(LP=(0.1, 0.5), FF=(0.2, 0.4)), score(0.3, method="FACT"))
    ranks = mean_ranks(table_samples(scores, THREE)).set_index("row")
    assert ranks["mean_rank"].to_dict() == {"LP": 3.0, "FF": 2.0, "FACT": 1.0}
    assert set(ranks["ranked_cells"]) == {1}


def test_differences_are_of_the_same_cell_and_seed():
    scores = frame(
        score(0.5, seed=0), score(0.6, seed=1), score(0.7, seed=2),
        score(0.6, method="FF", seed=1), score(0.9, method="FF", seed=2), score(0.1, method="FF", seed=3),
        score(0.5, column=OTHER), score(0.8, method="FF", column=OTHER),
    )  # fmt: skip
    line = compare_rows(scores, THREE).set_index("row").loc["FF"]
    # (0 + 20) / 2 in one cell, 30 in the other
    assert line["difference"] == pytest.approx(20.0)
    assert (line["cells"], line["pairs"], line["reference"]) == (2, 3, "LP")
    # Student's t of the cells' means, 10 and 30
    assert line["high"] - 20.0 == pytest.approx(20.0 - line["low"]) == pytest.approx(12.706 * 10, rel=1e-3)


def test_best_rank_comes_first_and_the_reference_has_no_difference():
    compared = compare_rows(frame(*both_columns(LP=(0.1, 0.1), FF=(0.2, 0.2), FACT=(0.3, 0.4))), THREE)
    assert compared["row"].tolist() == ["FACT", "FF", "LP"]
    assert compared["difference"].isna().tolist() == [False, False, True]
    text = comparison_markdown(compared, THREE)
    assert "| FACT | 1.0 | +25.0 | – | 2 | 2 |" in text and "| LP | 3.0 | – | – | 2 | 2 |" in text
    assert comparison_csv(compared).startswith(
        "row,mean_rank,ranked_cells,reference,difference,low,high,cells,pairs\n"
    )


def test_first_row_is_the_reference_where_none_is_named():
    scores = frame(*both_columns(LP=(0.1, 0.1), FF=(0.2, 0.2)))
    assert set(compare_rows(scores, replace(THREE, **{"reference": None}))["reference"]) == {"LP"}


@pytest.mark.parametrize("asked", [spec(row("LP")), replace(THREE, **{"kind": "minutes"})])
def test_nothing_to_compare_is_said_by_silence(asked):
    compared = compare_rows(frame(score(0.5)), asked)
    assert compared.empty and comparison_markdown(compared, asked) == ""


def test_one_pair_has_a_difference_and_no_interval():
    one = spec(row("LP"), row("FF"))
    compared = compare_rows(frame(score(0.5), score(0.6, method="FF")), one)
    line = compared.set_index("row").loc["FF"]
    assert line["difference"] == pytest.approx(10.0) and line[["low", "high"]].isna().all()
    assert "| FF | 1.0 | +10.0 | – | 1 | 1 |" in comparison_markdown(compared, one)


def test_the_note_says_from_where_intervals_are_and_what_they_leave_out():
    asked = spec(row("LP"), row("FF"))
    text = comparison_markdown(compare_rows(frame(score(0.5), score(0.4, method="FF")), asked), asked)
    assert "from three pairs on and none for two" in text
    assert "not corrected for multiple comparisons" in text
