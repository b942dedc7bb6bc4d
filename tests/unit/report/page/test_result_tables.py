import pandas as pd
from fact.report.page.result_tables import ResultTable, tables_section
from fact.report.tables.cells import build_cells
from fact.report.tables.comparison import compare_rows, comparison_csv, read_comparison
from fact.report.tables.printed import read_cells, to_csv
from table_scores import frame, published, row, score, spec

SPEC = spec(row("LP"), row("FF"))
SCORES = frame(score(0.5, seed=0), score(0.7, seed=1), score(0.4, method="FF"))
KNOWN = published(("digits", "vit", "20img", "LP", "top1", 55.0))


def cells(known: pd.DataFrame = KNOWN) -> pd.DataFrame:
    return build_cells(SCORES, SPEC, known)


def test_cells_and_comparison_read_back_as_they_were(tmp_path):
    compared = compare_rows(SCORES, SPEC)
    (tmp_path / "cells.csv").write_text(to_csv(cells()))
    (tmp_path / "compared.csv").write_text(comparison_csv(compared))
    pd.testing.assert_frame_equal(read_cells(tmp_path / "cells.csv"), cells(), check_dtype=False)
    pd.testing.assert_frame_equal(read_comparison(tmp_path / "compared.csv"), compared, check_dtype=False)


def test_tables_are_those_of_the_printed_ones_and_the_comparison_follows():
    table, compared, chart = tables_section([ResultTable(SPEC, cells(), compare_rows(SCORES, SPEC))]).parts
    assert table.header == ["row", "selector", "method", "digits vit 20img"]
    assert table.rows[0] == ["LP", "activeft", "LP", "60.0 ± 14.1 (2) [55, +5.0]"]
    assert "In brackets" in table.note and compared.caption.endswith("rows compared")
    assert [point["difference"] for point in chart.spec["datasets"]["rows"]] == [5.0]


def test_without_published_values_nothing_is_set_against_them():
    (table,) = tables_section([ResultTable(SPEC, cells(published()), None)]).parts
    assert table.rows[0][-1] == "60.0 ± 14.1 (2)"


def test_a_mixed_table_says_so_in_its_note():
    said = "Mixed: jobs of this table ran with torch 2.12 and 2.13."
    (table,) = tables_section([ResultTable(SPEC, cells(published()), None, said)]).parts
    assert table.note.endswith(f" {said}")
