"""The tables of the run: what each says, its cells as dots, and the tables themselves, folded."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from fact.config.tables import TableSpec
from fact.infra.fields import Settings
from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.page.by_place import by_name, caption_of, groups_of, in_order
from fact.report.page.looks import Looks
from fact.report.page.section import Entry, Figure, Figures, Finding, Part, Section, Table
from fact.report.tables.answer import answer
from fact.report.tables.comparison import comparison_note, comparison_texts
from fact.report.tables.durations import in_words
from fact.report.tables.printed import VARIANTS, lay_out, records_of, table_note, variants
from fact.report.tables.samples import PLACE

NOTE = "Sentences speak of whole tables, whatever the filter shows."
MISSING = "No tables."
ROWS = 30
"""So many rows, the best ones, are drawn of a table; the others are in the table alone."""
SHOWN = 3
AXES = {
    "accuracy": "accuracy (%)",
    "minutes": "minutes of training",
    "gains": "gain (points)",
    "segmentation": "mIoU (%)",
}


class ResultTable(NamedTuple):
    """A table: its name, spec, cells, samples, comparison where it has one, and what its jobs do not share.

    ``samples`` of :func:`fact.report.tables.samples.table_samples`; ``mixed``: a sentence of
    :func:`fact.report.tables.mixed.mixed_note`.
    """

    name: str
    spec: TableSpec
    cells: pd.DataFrame
    samples: pd.DataFrame
    compared: pd.DataFrame | None
    mixed: str = ""


def tables_section(tables: Sequence[ResultTable], looks: Looks) -> Section:
    """Show what every table says, its dots, then the table and its comparison, folded."""
    parts = [part for table in tables for part in _parts(table, looks)]
    return Section("tables", "Results", NOTE, parts=parts, missing=MISSING)


def _parts(shown: ResultTable, looks: Looks) -> Iterator[Part]:
    said = answer(shown.samples, shown.spec)
    yield Finding(f"table-{shown.name}", shown.spec.title, said.lead, said.rest, said.basis)
    figures = [*_figures(shown, looks), *_against_the_paper(shown, looks)]
    if figures:
        yield Figures(figures, _legend(shown, looks), _note(shown), SHOWN)
    yield from _tables(shown)


def _figures(shown: ResultTable, looks: Looks) -> Iterator[Figure]:
    spec = shown.spec
    known = shown.cells[shown.cells["metric"] == spec.headline].dropna(subset=["mean"])
    for number, (keys, rows) in enumerate(groups_of(known, PLACE)):
        order = rows.sort_values("mean", ascending=spec.kind == "minutes", kind="stable").head(ROWS)
        dots = [_dot(row, shown, looks) for row in records_of(order)]
        label = f"{spec.title}, {caption_of(keys)}: {len(dots)} rows, best first"
        svg = dot_plot(dots, AXES[spec.kind], label, zero=spec.kind in ("gains", "minutes"))
        budget = keys.pop("budget")
        yield Figure(f"{shown.name}-{number}", f"{caption_of(keys)} · {budget}", svg, keys)


def _dot(row: Settings, shown: ResultTable, looks: Looks) -> Dot:
    style = looks.methods[row["method"]]
    spread: float = 0.0 if pd.isna(row["sd"]) else row["sd"]
    return Dot(
        row["row"], row["mean"], row["mean"] - spread, row["mean"] + spread, row["published"],
        slot=_slot(row, shown, looks), marker=style.marker, shown=_value(row["mean"], shown.spec.kind),
        note=f"{row['row']}: {row['mean']:.2f} ± {spread:.2f}, seeds: {row['n']}",
        keys=_row_keys(row, shown.spec),
    )  # fmt: skip


def _row_keys(row: Settings, spec: TableSpec) -> dict[str, str]:
    # a gain is of two methods
    return {} if spec.kind == "gains" else {"selector": row["selector"], "method": row["method"]}


def _slot(row: Settings, shown: ResultTable, looks: Looks) -> int:
    chosen = looks.selectors[row["selector"]] if _by_selector(shown) else looks.methods[row["method"]]
    return chosen.slot


def _by_selector(shown: ResultTable) -> bool:
    return shown.cells["selector"].nunique() > 1


def _value(mean: float, kind: str) -> str:
    if kind == "minutes":
        return in_words(60 * mean)
    return f"{mean:{'+' if kind == 'gains' else ''}.1f}".replace("-", "−")


def _legend(shown: ResultTable, looks: Looks) -> list[Entry]:
    names = in_order(shown.cells["selector"]) if _by_selector(shown) else []
    return [Entry(name, looks.selectors[name].slot) for name in names]


def _note(shown: ResultTable) -> str:
    parts = ["Means over seeds; bars: one sample standard deviation."]
    if shown.cells["published"].notna().any():
        parts.append("Upright ticks: published values (best epoch on the test images).")
    if _by_selector(shown):
        parts.append("Colours are selectors, markers methods.")
    if shown.cells["row"].nunique() > ROWS:
        parts.append(f"The best {ROWS} rows are drawn; the table has all.")
    return " ".join(parts)


def _against_the_paper(shown: ResultTable, looks: Looks) -> Iterator[Figure]:
    """Yield ours minus the published values by row: mean over cells, from the lowest to the highest."""
    cells = shown.cells[shown.cells["metric"] == shown.spec.headline].dropna(subset="difference")
    if cells.empty or shown.spec.kind == "minutes":
        return
    dots = [
        Dot(
            name, float(rows["difference"].mean()), rows["difference"].min(), rows["difference"].max(),
            slot=_slot(first, shown, looks), marker=looks.methods[first["method"]].marker,
            shown=_value(rows["difference"].mean(), "gains"), note=f"{name}: cells: {len(rows)}",
            keys=_row_keys(first, shown.spec),
        )
        for name, rows in by_name(cells, "row")
        for first in records_of(rows.head(1))
    ]  # fmt: skip
    label = f"{shown.spec.title}: ours minus published"
    caption = "Ours, last epoch, minus published: mean over cells; bars: smallest to largest"
    svg = dot_plot(dots[:ROWS], "points", label, zero=True)
    yield Figure(f"{shown.name}-against-the-paper", caption, svg)


def _tables(shown: ResultTable) -> Iterator[Table]:
    spec, cells = shown.spec, shown.cells
    for variant in variants(cells):
        table = lay_out(cells, spec, variant)
        header = [*map(str, table.index.names), *(" ".join(column) for column in table.columns)]
        rows = [[*names, *row] for names, row in zip(table.index, table.to_numpy(), strict=True)]
        names = len(table.index.names)
        nothing: list[dict[str, str]] = [{} for _ in range(names)]
        keys = nothing + [
            _column_keys(list(map(str, table.columns.names)), column) for column in table.columns
        ]
        several = spec.kind == "accuracy" or len(variants(cells)) > 1
        title = f"{spec.title}, {VARIANTS[variant][1]}" if several else spec.title
        note = f"{table_note(cells, spec, variant)} {shown.mixed}".rstrip()
        yield Table(title, header, rows, names, note, column_keys=keys, of_scores=spec.kind != "gains")
    if shown.compared is not None and len(shown.compared):
        header, rows = comparison_texts(shown.compared)
        yield Table(f"{spec.title}: rows compared", header, rows, note=comparison_note(shown.compared, spec))


def _column_keys(names: Sequence[str], column: Sequence[str]) -> dict[str, str]:
    keys = dict(zip(names, column, strict=True))
    # of several metrics the name of one stands behind the budget
    return keys | {"budget": keys["budget"].split(" ")[0]}
