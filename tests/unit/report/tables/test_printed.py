import io
import re

import numpy as np
import pandas as pd
import pytest
from fact.report.tables.cells import build_cells
from fact.report.tables.printed import lay_out, to_csv, to_latex, to_markdown
from table_scores import COLUMN, frame, published, row, score, spec

NONE = published()
OTHER = ("cifar10", "vit_s", "0.5pct")


def table(scores: list[dict], asked: dict, known: pd.DataFrame = NONE, variant: str = "last") -> pd.DataFrame:
    return lay_out(build_cells(frame(*scores), asked, known), asked, variant)


def full(labels: list[str], best: float | None = None, **more: object) -> tuple[pd.DataFrame, dict]:
    """Cells without gaps: 2 columns, 3 seeds; and the spec."""
    columns = [COLUMN, OTHER]
    asked = spec(*map(row, labels), columns=[list(column) for column in columns], **more)
    scores = [
        score(0.5 + seed / 100, method=label, column=column, best=best, seed=seed)
        for column in columns
        for label in labels
        for seed in range(3)
    ]
    return build_cells(frame(*scores), asked, NONE), asked


def test_cell_has_mean_deviation_and_number_of_seeds():
    values = [score(value, seed=seed) for seed, value in enumerate([0.512, 0.575, 0.4831])]
    printed = table(values, spec(row("LP"), row("FF"), row("LR")))
    assert list(printed[COLUMN]) == ["52.3 ± 4.7 (3)", "–", "–"]
    assert list(table([score(0.5534)], spec(row("LP")))[COLUMN]) == ["55.3 (1)"]
    assert list(table([score(0.25), score(0.25, seed=1)], spec(row("LP")))[COLUMN]) == ["25.0 ± 0.0 (2)"]


def test_selectors_and_methods_are_the_rows_where_a_table_names_none():
    rows = [row("activeft LP", method="LP"), row("random LP", "random", "LP", oracle=True)]
    printed = table([score(0.4), score(0.6, "random")], spec(*rows, labelled=False))
    assert list(printed.index) == [("activeft", "LP"), ("random †", "LP")]
    assert list(printed[COLUMN]) == ["40.0 (1)", "60.0 (1)"]


def test_named_rows_stand_with_their_marks_before_selector_and_method():
    rows = [row("VeCAF", "vecaf", "LP", oracle=True), row("LR, random", "random", "LP", beyond=True)]
    printed = table([score(0.4)], spec(*rows))
    assert list(printed.index) == [("VeCAF †", "vecaf", "LP"), ("LR, random ‡", "random", "LP")]
    assert printed.index.names == ["row", "selector", "method"]


def test_published_value_and_difference_stand_in_brackets():
    known = published((*COLUMN, "LP", "top1", 85.0), (*COLUMN, "FF", "top1", 71.86))
    scores = [score(0.9, best=0.95), score(0.8, best=0.9, seed=1)]
    asked = spec(row("LP"), row("FF"))
    assert list(table(scores, asked, known)[COLUMN]) == ["85.0 ± 7.1 (2) [85, 0.0]", "– [71.86]"]
    assert list(table(scores, asked, known, "best")[COLUMN]) == ["92.5 ± 3.5 (2) [85, +7.5]", "– [71.86]"]


def test_backbones_may_be_rows():
    columns = [("digits", name, "20img") for name in ("vit", "cnn")]
    asked = spec(row("LP"), row("FF"), columns=[list(column) for column in columns], backbones_in="rows")
    printed = table([score(0.5, column=columns[1])], asked)
    assert [index[:2] for index in printed.index] == [
        ("vit", "LP"),
        ("vit", "FF"),
        ("cnn", "LP"),
        ("cnn", "FF"),
    ]
    assert list(printed.columns) == [("digits", "20img")]
    assert printed.iloc[:, 0].tolist() == ["–", "–", "50.0 (1)", "–"]


def test_gains_have_signs_and_minutes_three_digits():
    gains = spec(row("LP"), row("FF"), kind="gains", steps=[["LP", "FF"], ["FF", "LP"]])
    assert list(table([score(0.5), score(0.652, method="FF")], gains)[COLUMN]) == ["−15.2 (1)", "+15.2 (1)"]
    minutes = spec(row("LP"), kind="minutes")
    scores = [score(0.5, seed=seed, **{"training_seconds.tune": 60.0 * (1 + seed)}) for seed in range(2)]
    assert list(table(scores, minutes)[COLUMN]) == ["1.5 ± 0.707 (2)"]


def test_trained_share_is_a_column_of_its_own():
    share = {"tuned_parameters.trainable": 1, "tuned_parameters.total": 3}
    printed = table(
        [score(0.5, method="FF", **share), score(0.5)], spec(row("FF"), row("LP"), trained_share=True)
    )
    assert list(printed.columns) == [COLUMN, ("digits", "vit", "trained %")]
    assert list(printed.iloc[:, 1]) == ["33.33", "–"]


def test_best_on_test_is_a_table_of_its_own_only_where_there_is_a_history():
    for best in (None, 0.9):
        text = to_markdown(*full(["LP"], best))
        assert text.count("| row | selector | method |") == (1 if best is None else 2)
        assert ("Best epoch on the test images" in text) == ("an oracle" in text) == (best is not None)
        assert to_latex(*full(["LP"], best)).count(r"\begin{tabular}") == (1 if best is None else 2)


def test_note_says_what_a_cell_and_the_marks_mean():
    plain = to_markdown(*full(["LP"]))
    assert "mean ± sample standard deviation (n) over seeds" in plain and "last epoch" in plain
    assert not any(word in plain for word in ("beyond", "brackets", "n/a"))
    rows = [row("LP", oracle=True), row("prompt", beyond=True)]
    asked = spec(*rows, not_applicable=[["vit", "prompt"]])
    cells = build_cells(frame(score(0.5)), asked, published((*COLUMN, "LP", "top1", 1.0)))
    text = to_markdown(cells, asked)
    for words in (
        "† used labels beyond",
        "‡ beyond the paper",
        "In brackets: the published",
        "n/a: the method's recipe",
    ):
        assert words in text
    assert "| prompt ‡ | activeft | prompt | n/a |" in text


def test_csv_has_a_line_a_cell_and_is_read_back():
    labels = ['a,"b"', "NA", "x\ny", "=1+1"]
    cells, _ = full(labels, best=0.7)
    text = to_csv(cells)
    assert text.startswith(
        "row,selector,method,oracle,beyond,dataset,backbone,budget,metric,n,mean,sd,best_n,"
    )
    assert "\r" not in text and text.endswith("\n")
    read = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values={"published": [""]})
    assert read["row"].tolist() == [label for label in labels for _ in range(2)]
    np.testing.assert_array_equal(read["mean"], cells["mean"])


def test_markdown_rows_have_as_many_cells_as_the_header():
    title, blank, *lines, _, _ = to_markdown(*full(["LP|FF", "FACT"])).splitlines()
    assert (title, blank) == ("# Accuracy", "")
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    assert {len(cells) for cells in rows} == {5} and len(rows) == 2 + 2
    assert rows[1] == [" --- "] * 5
    assert rows[2] == [r" LP\|FF ", " activeft ", r" LP\|FF ", " 51.0 ± 1.0 (3) ", " 51.0 ± 1.0 (3) "]


def test_writing_leaves_the_cells_alone():
    cells, asked = full(["LP"])
    before = cells.copy()
    for write in (to_csv, lambda c: to_markdown(c, asked), lambda c: to_latex(c, asked)):
        write(cells)
    pd.testing.assert_frame_equal(cells, before)


def test_latex_has_the_rules_of_booktabs():
    text = to_latex(*full(["LP", "FF"]))
    rules = (r"\begin{tabular}", r"\toprule", r"\midrule", r"\bottomrule", r"\end{tabular}")
    places = [text.index(rule) for rule in rules]
    assert places == sorted(places) and r"\hline" not in text
    body = [line for line in text[places[1] : places[3]].splitlines() if line.endswith(r"\\")]
    assert {line.count("&") for line in body} == {4}


def test_latex_has_no_character_that_does_not_compile():
    labels = ["a_b & 50% #1", r"c\d^2~{x}$y", "L|R <é>"]
    text = to_latex(*full(labels, best=0.7, title="Accuracy_1 (top-1, %) & “more” ± – −"))
    assert r"a\_b \& 50\% \#1" in text
    assert r"c\textbackslash{}d\textasciicircum{}2\textasciitilde{}\{x\}\$y" in text
    assert r"L$|$R $<$é$>$" in text
    assert r"\caption{Accuracy\_1 (top-1, \%) \& ``more'' $\pm$ -- $-$. Top-1" in text
    assert r"51.0 $\pm$ 1.0 (3)" in text and r"vit\_s" in text
    assert not set("±–“”−‡†") & set(text)
    # what is left unescaped is LaTeX's own: no comment, no index, no parameter, and mathematics is closed
    assert not re.search(r"(?<!\\)[%#_^~]", text)
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    assert len(re.findall(r"(?<!\\)\{", text)) == len(re.findall(r"(?<!\\)\}", text))


@pytest.mark.parametrize(
    ("top1", "text"), [(0.8504, "0.0"), (0.8496, "0.0"), (0.849, "−0.1"), (0.86, "+1.0")]
)
def test_a_difference_that_rounds_to_nothing_has_no_sign(top1, text):
    known = published((*COLUMN, "LP", "top1", 85.0))
    assert table([score(top1)], spec(row("LP")), known).iloc[0, 0].endswith(f"[85, {text}]")
