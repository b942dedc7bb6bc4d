"""Selectors side by side."""

import io

import pandas as pd
from fact.report.tables.selectors import MEASURES, build_selector_table, to_csv, to_latex, to_markdown


def selection(selector: str, seed: int, value: float) -> dict:
    place = {"dataset": "digits", "backbone": "vit_small", "budget": "20img"}
    return {**place, "selector": selector, "seed": seed, **dict.fromkeys(MEASURES, value)}


ROWS = [selection("random", 0, 0.25), selection("random", 1, 0.75), selection("activeft", 0, 1 / 3)]


def test_seeds_are_averaged_and_selectors_keep_their_order() -> None:
    table = build_selector_table(ROWS, [])
    assert table["selector"].tolist() == ["random", "activeft"]
    assert table["mean_distance"].tolist() == [0.5, 1 / 3] and table["n"].tolist() == [2, 1]


def test_csv_comes_back_with_all_digits() -> None:
    table = build_selector_table(ROWS, [])
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(to_csv(table))), table)


def test_markdown_and_latex_show_every_row() -> None:
    table = build_selector_table(ROWS, [])
    markdown, latex = to_markdown(table), to_latex(table)
    assert "| digits | vit_small | 20img | activeft | 0.3333 |" in markdown and "mean distance" in markdown
    assert r"vit\_small" in latex and r"\toprule" in latex and "0.3333" in latex


def test_selectors_that_used_more_labels_are_marked() -> None:
    table = build_selector_table(ROWS, ["random"])
    assert table["selector"].tolist() == ["random †", "activeft"]
    assert "| random † |" in to_markdown(table) and r"random $\dagger$" in to_latex(table)
