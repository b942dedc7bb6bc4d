"""The tables of the run, as they are printed, and how far they are from the paper's."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import altair as alt
import pandas as pd

from fact.config.tables import TableSpec
from fact.report.page.charting import ROWS, colour, lines_of, specification, with_choices
from fact.report.page.section import Chart, Section, Table
from fact.report.tables.comparison import comparison_note, comparison_texts
from fact.report.tables.printed import VARIANTS, lay_out, table_note, variants

NOTE = "A heading, clicked, sorts by its column."
MISSING = "No tables."


class ResultTable(NamedTuple):
    """A table: its spec, its cells, its comparison where it has one, and what its jobs do not share.

    The last is a sentence of :func:`fact.report.tables.mixed.mixed_note`.
    """

    spec: TableSpec
    cells: pd.DataFrame
    compared: pd.DataFrame | None
    mixed: str = ""


def tables_section(tables: Sequence[ResultTable]) -> Section:
    """Show every table: its cells, and its comparison where it has one."""
    parts = [part for table in tables for part in _parts(table)]
    difference = _against_the_paper(tables)
    return Section(
        "tables", "Tables", NOTE, parts=[*parts, *([difference] if difference else [])], missing=MISSING
    )


def _parts(shown: ResultTable) -> Iterator[Table]:
    spec, cells, compared, mixed = shown
    for variant in variants(cells):
        table = lay_out(cells, spec, variant)
        header = [*map(str, table.index.names), *(" ".join(column) for column in table.columns)]
        rows = [[*names, *row] for names, row in zip(table.index, table.to_numpy(), strict=True)]
        title = f"{spec.title}, {VARIANTS[variant][1]}"
        note = f"{table_note(cells, spec, variant)} {mixed}".rstrip()
        yield Table(title, header, rows, names=len(table.index.names), note=note)
    if compared is not None and len(compared):
        header, rows = comparison_texts(compared)
        yield Table(f"{spec.title}: rows compared", header, rows, note=comparison_note(compared, spec))


def _against_the_paper(tables: Sequence[ResultTable]) -> Chart | None:
    """Plot ours minus the published value of every cell that has both, one dot per cell."""
    result = [shown.cells.assign(table=shown.spec.title) for shown in tables if shown.spec.kind != "minutes"]
    cells = pd.concat(result)[
        ["table", "row", "dataset", "backbone", "budget", "mean", "published", "difference"]
    ]
    cells = cells.dropna(subset="difference").round(2)
    if cells.empty:
        return None
    tooltip = ["row:N", "dataset:N", "backbone:N", "budget:N", "mean:Q", "published:Q", "difference:Q"]
    dots = (
        alt.Chart(ROWS)
        .mark_point(filled=True, size=60)
        .encode(
            x=alt.X("difference:Q", title="ours, last epoch, minus published (points)"),
            y=alt.Y("row:N", sort=None, title=None),
            color=colour(cells["dataset"], "dataset", "dataset"),
            tooltip=tooltip,
        )
    )
    spec = specification(
        with_choices(dots.properties(**lines_of(cells["row"])), cells, {"table": "table"}), rows=cells
    )
    return Chart("against-the-paper", "Ours against the paper, cell by cell", spec)
