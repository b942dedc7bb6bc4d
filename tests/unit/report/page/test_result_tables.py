import pandas as pd
from fact.report.page.looks import looks_of
from fact.report.page.result_tables import ResultTable, tables_section
from fact.report.page.section import Section
from fact.report.palette import selector_styles
from fact.report.tables.cells import build_cells
from fact.report.tables.comparison import compare_rows, comparison_csv, read_comparison
from fact.report.tables.printed import read_cells, to_csv
from fact.report.tables.samples import table_samples
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


def section(known: pd.DataFrame = KNOWN, compared: pd.DataFrame | None = None, mixed: str = "") -> Section:
    shown = ResultTable("table1", SPEC, cells(known), table_samples(SCORES, SPEC), compared, mixed)
    return tables_section([shown], looks_of(SCORES))


def test_what_the_table_says_comes_first_then_dots_then_the_table():
    finding, figures, table, compared = section(compared=compare_rows(SCORES, SPEC)).parts
    assert finding.lead == "LP" and "60.0 %" in finding.rest
    dots, difference = figures.figures
    assert dots.caption == "digits · vit · 20img" and dots.keys == {"dataset": "digits", "backbone": "vit"}
    drawn = str(dots.svg)
    assert drawn.index(">LP<") < drawn.index(">FF<"), "best first"
    assert drawn.count('class="known"') == 1 and ">60.0<" in drawn
    assert ">+5.0<" in difference.svg
    assert table.header == ["row", "selector", "method", "digits vit 20img"]
    assert table.rows[0] == ["LP", "activeft", "LP", "60.0 ± 14.1 (2) [55, +5.0]"]
    assert table.column_keys[-1] == {"dataset": "digits", "backbone": "vit", "budget": "20img"}
    assert "In brackets" in table.note and compared.caption.endswith("rows compared")


def test_without_published_values_nothing_is_set_against_them():
    _, figures, table = section(published()).parts
    assert len(figures.figures) == 1 and table.rows[0][-1] == "60.0 ± 14.1 (2)"


def test_a_mixed_table_says_so_in_its_note():
    said = "Mixed: jobs of this table ran with torch 2.12 and 2.13."
    table = section(published(), mixed=said).parts[-1]
    assert table.note.endswith(f" {said}")


def test_selectors_have_colours_and_methods_markers_where_there_are_several():
    scores = frame(score(0.5), score(0.4, "random"))
    two = spec(row("LP"), row("LP, random", "random", "LP"))
    shown = ResultTable("t", two, build_cells(scores, two, published()), table_samples(scores, two), None)
    figures = tables_section([shown], looks_of(scores)).parts[1]
    colours = selector_styles(["activeft", "random"])
    assert [(entry.name, entry.slot) for entry in figures.legend] == [(n, s.slot) for n, s in colours.items()]
    assert all(f'c{style.slot}"' in figures.figures[0].svg for style in colours.values())


def test_a_table_without_scores_has_no_figures():
    none = frame(score(0.5, method="another"))
    shown = ResultTable("t", SPEC, build_cells(none, SPEC, published()), table_samples(none, SPEC), None)
    finding, table = tables_section([shown], looks_of(SCORES)).parts
    assert finding.lead == "No score yet." and table.rows[0][-1] == "–"
