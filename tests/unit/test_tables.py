import io
import re
import statistics

import pandas as pd
import pytest
from fact.tables import build_table, to_csv, to_latex, to_markdown

SPEC = {"selectors": ["activeft", "random"], "methods": ["LP", "FACT w/o FroFA"]}
COLUMN = ("digits", "vit", "20img")


def score(
    top1: float,
    selector: str = "activeft",
    method: str = "LP",
    column: tuple[str, str, str] = COLUMN,
    best: float | None = None,
) -> dict:
    """A row of the scores frame."""
    names = dict(zip(("dataset", "backbone", "budget"), column, strict=True))
    return {**names, "selector": selector, "method": method, "top1_last": top1, "top1_best_test": best}


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"top1_best_test": float})


def full_table(names: dict | None = None, best: float | None = None) -> pd.DataFrame:
    """A table without gaps, of the given selectors and methods, with 2 columns and 3 seeds."""
    spec = names or SPEC
    columns = [COLUMN, ("cifar10", "vit_s", "0.5pct")]
    return build_table(
        frame(
            *(
                score(0.5 + seed / 100, selector, method, column, best)
                for column in columns
                for selector in spec["selectors"]
                for method in spec["methods"]
                for seed in range(3)
            )
        ),
        spec,
    )


def test_cell_is_mean_and_sample_deviation_over_seeds_in_percent():
    values = [0.512, 0.575, 0.4831]
    table = build_table(frame(*map(score, values)), SPEC)
    percent = [100 * value for value in values]
    expected = f"{statistics.mean(percent):.1f} ± {statistics.stdev(percent):.1f} (3)"
    assert table.loc[("activeft", "LP"), COLUMN] == expected == "52.3 ± 4.7 (3)"


def test_single_seed_has_no_deviation():
    table = build_table(frame(score(0.5534)), SPEC)
    assert table.loc[("activeft", "LP"), COLUMN] == "55.3 (1)"


def test_equal_seeds_have_a_deviation_of_zero():
    assert (
        build_table(frame(score(0.25), score(0.25)), SPEC).loc[("activeft", "LP"), COLUMN] == "25.0 ± 0.0 (2)"
    )


def test_missing_cell_is_a_dash_and_unequal_numbers_of_seeds_are_seen():
    scores = frame(score(0.4), score(0.6), score(0.5, selector="random"), score(1.0, method="FACT w/o FroFA"))
    column = build_table(scores, SPEC)[COLUMN]
    assert list(column) == ["50.0 ± 14.1 (2)", "100.0 (1)", "50.0 (1)", "–"]


def test_rows_and_columns_come_in_the_order_asked_for():
    spec = {"selectors": ["random", "activeft"], "methods": ["FACT w/o FroFA", "LP"]}
    columns = [("b", "vit", "100img"), ("b", "vit", "20img"), ("a", "cnn", "20img")]
    table = build_table(frame(*(score(0.5, column=column) for column in columns)), spec)
    assert list(table.index) == [(s, m) for s in spec["selectors"] for m in spec["methods"]]
    assert list(table.columns) == columns
    assert table.index.names == ["selector", "method"] and table.columns.names == [
        "dataset",
        "backbone",
        "budget",
    ]


def test_scores_of_methods_that_were_not_asked_for_are_left_out():
    table = build_table(frame(score(0.1), score(0.9, method="other"), score(0.9, selector="other")), SPEC)
    assert "90" not in table.to_string() and table.shape == (4, 1)


def test_best_on_test_has_columns_of_its_own_only_where_there_is_a_history():
    assert full_table().shape == (4, 2)
    scores = frame(score(0.50, best=0.60), score(0.52, best=0.64), score(0.7, method="FACT w/o FroFA"))
    table = build_table(scores, SPEC)
    twin = (*COLUMN[:2], "20img (best on test)")
    assert list(table.columns) == [COLUMN, twin]
    assert list(table[COLUMN]) == ["51.0 ± 1.4 (2)", "70.0 (1)", "–", "–"]
    assert list(table[twin]) == ["62.0 ± 2.8 (2)", "–", "–", "–"]


@pytest.mark.parametrize("best", [None, 0.9])
def test_note_says_what_a_cell_means(best):
    table = full_table(best=best)
    for text in (to_markdown(table, "Accuracy"), to_latex(table, "Accuracy")):
        assert "sample standard deviation (n) over seeds" in text
        assert ("an oracle" in text) == (best is not None)


def test_csv_has_one_header_line_and_is_read_back():
    names = {"selectors": ['a,"b"', "00012"], "methods": ["NA", "x\ny", "=1+1"]}
    table = full_table(names, best=0.7)
    text = to_csv(table)
    assert text.startswith(
        "selector,method,digits vit 20img,digits vit 20img (best on test),cifar10 vit_s 0.5pct,"
    )
    assert "\r" not in text and text.endswith("\n")
    read = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert list(read.columns[2:]) == [" ".join(column) for column in table.columns]
    assert list(zip(read["selector"], read["method"], strict=True)) == list(table.index)
    assert read.iloc[:, 2:].to_numpy().tolist() == table.to_numpy().tolist()


def test_markdown_rows_have_as_many_cells_as_the_header():
    names = {"selectors": ["a|b", "c"], "methods": ["LP|FF", "FACT"]}
    title, blank, *lines, _, _ = to_markdown(full_table(names), "Accuracy (top-1)").splitlines()
    assert (title, blank) == ("# Accuracy (top-1)", "")
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    assert {len(row) for row in rows} == {4} and len(rows) == 2 + 4
    assert rows[1] == [" --- "] * 4
    assert rows[2] == [r" a\|b ", r" LP\|FF ", " 51.0 ± 1.0 (3) ", " 51.0 ± 1.0 (3) "]


def test_writing_leaves_the_table_alone():
    table = full_table()
    before = table.copy()
    for write in (to_csv, lambda t: to_markdown(t, "T"), lambda t: to_latex(t, "T")):
        write(table)
    pd.testing.assert_frame_equal(table, before)


def test_latex_has_the_rules_and_spans_of_booktabs():
    text = to_latex(full_table(best=0.9), "Accuracy")
    places = [
        text.index(rule)
        for rule in (r"\begin{tabular}", r"\toprule", r"\midrule", r"\bottomrule", r"\end{tabular}")
    ]
    assert places == sorted(places) and r"\hline" not in text
    assert r"\multicolumn{2}{c}{digits} & \multicolumn{2}{c}{cifar10} \\" in text
    body = text[places[1] : places[3]]
    ampersands = {
        line.count("&") + line.count(r"\multicolumn{2}") for line in body.splitlines() if line.endswith(r"\\")
    }
    assert ampersands == {5}


def test_latex_has_no_character_that_does_not_compile():
    names = {"selectors": ["a_b & 50% #1", r"c\d^2~{x}$y"], "methods": ["L|R <é>", "FF"]}
    text = to_latex(full_table(names, best=0.9), "Accuracy_1 (top-1, %) & “more” ± –")
    assert r"a\_b \& 50\% \#1" in text
    assert r"c\textbackslash{}d\textasciicircum{}2\textasciitilde{}\{x\}\$y" in text
    assert r"L$|$R $<$é$>$" in text
    assert r"\caption{Accuracy\_1 (top-1, \%) \& ``more'' $\pm$ --. Top-1" in text
    assert r"51.0 $\pm$ 1.0 (3)" in text and r"0.5pct" in text and r"vit\_s" in text
    assert not set("±–“”") & set(text)
    # what is left unescaped is LaTeX's own: no comment, no index, no parameter, and mathematics is closed
    assert not re.search(r"(?<!\\)[%#_^~]", text)
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0
    assert len(re.findall(r"(?<!\\)\{", text)) == len(re.findall(r"(?<!\\)\}", text))


def test_missing_cell_in_latex_is_a_dash():
    text = to_latex(build_table(frame(score(0.5)), SPEC), "Accuracy")
    assert text.count("& -- ") == 3


def test_selectors_that_used_more_labels_are_marked_in_every_format():
    scores = frame(score(0.5), score(0.6, selector="random"))
    table = build_table(scores, {**SPEC, "oracles": ["activeft"]})
    assert table.loc[("activeft †", "LP"), COLUMN] == "50.0 (1)"
    assert table.loc[("random", "LP"), COLUMN] == "60.0 (1)"
    assert "| activeft † | LP |" in to_markdown(table, "T") and "† used labels beyond" in to_markdown(
        table, "T"
    )
    assert r"activeft $\dagger$" in to_latex(table, "T") and "activeft †" in to_csv(table)
    assert "beyond" not in to_markdown(build_table(scores, SPEC), "T")


def test_cells_that_cannot_be_say_so_and_the_note_why():
    columns = [COLUMN, ("digits", "cnn", "20img")]
    scores = frame(*(score(0.5, column=column) for column in columns))
    pairs = [["cnn", "FACT w/o FroFA"]]
    table = build_table(scores, SPEC | {"selectors": ["activeft"], "not_applicable": pairs})
    assert table.to_numpy().tolist() == [["50.0 (1)", "50.0 (1)"], ["–", "n/a"]]
    assert "n/a: the method's recipe cannot tune this backbone" in to_markdown(table, "T")
    assert "n/a" not in to_markdown(full_table(), "T")
