"""Selectors side by side: their measures, where their picks lie in the pool, and their contact sheets."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.drawing.line_plot import Axes, Line, Point, line_plot
from fact.report.page.by_place import by_name, caption_of, first_groups, in_order
from fact.report.page.looks import Looks
from fact.report.page.pool_map import PoolMap, pool_figures
from fact.report.page.section import Entry, Figure, Figures, Links, Part, Section, Table
from fact.report.tables.durations import in_words
from fact.report.tables.printed import ORACLE, records_of
from fact.report.tables.selectors import MEASURES, NOTE, to_texts

MISSING = "Selectors were not compared in this run: `selection` is not among `run.report`."
LEAST = 3
WHERE = ["dataset", "backbone", "measure"]
DRAWN = ("mean_distance", "max_distance", "diversity", "transport", "twins", "seconds")


def selectors_section(
    table: pd.DataFrame | None, maps: Sequence[PoolMap], sheets: Mapping[str, str], looks: Looks
) -> Section:
    """Show selectors side by side.

    ``table``: of :mod:`fact.report.tables.selectors`; ``maps``: of pools with their picks; ``sheets``:
    addresses of contact sheets by name.
    """
    if table is None or table.empty:
        return Section("selectors", "Selectors", NOTE, parts=(), missing=MISSING)
    styles = looks.selectors
    legend = [Entry(name, styles[name].slot, styles[name].marker) for name in in_order(_plain(table))]
    texts = to_texts(table)
    header = [str(name) for name in texts]
    parts: list[Part] = [
        Figures(list(_measures(table, looks)), legend),
        *pool_figures(maps),
        Links("Whole contact sheets of all selections (they lie beside this page, in results/)", sheets),
        Table("Selectors by dataset, backbone and budget", header, texts.to_numpy().tolist(), names=4),
    ]
    return Section("selectors", "Selectors", NOTE, parts=parts)


def _plain(table: pd.DataFrame) -> pd.Series:
    """Return selectors without the mark of an oracle."""
    return table["selector"].str.removesuffix(f" {ORACLE}")


def _measures(table: pd.DataFrame, looks: Looks) -> Iterator[Figure]:
    """Yield a figure for each measure: over the budget, or of the largest of two budgets."""
    keys = ["dataset", "backbone", "budget", "selector"]
    long = table.assign(plain=_plain(table)).melt([*keys, "plain"], list(DRAWN), "measure")
    groups, _ = first_groups(long, WHERE)
    for number, (names, rows) in enumerate(groups):
        measure = names.pop("measure")
        budgets = in_order(rows["budget"])
        if len(budgets) >= LEAST:
            caption, svg = f"{caption_of(names)}: {MEASURES[measure]}", _lines(rows, MEASURES[measure], looks)
        else:
            rows = rows[rows["budget"] == budgets[-1]]
            caption = f"{caption_of(names)} · {budgets[-1]}: {MEASURES[measure]}"
            svg = _dots(rows, measure, looks)
        yield Figure(f"measures-{number}", caption, svg, names)


def _lines(rows: pd.DataFrame, name: str, looks: Looks) -> Markup:
    places = {budget: place for place, budget in enumerate(in_order(rows["budget"]))}
    lines = [
        Line(
            selector,
            [Point(places[r["budget"]], r["value"]) for r in records_of(here)],
            looks.selectors[here["plain"].iloc[0]],
            {"selector": here["plain"].iloc[0]},
        )
        for selector, here in by_name(rows, "selector")
    ]
    return line_plot(lines, Axes("budget", name, list(places)), f"{name} over the budget")


def _dots(rows: pd.DataFrame, measure: str, looks: Looks) -> Markup:
    dots = [
        Dot(
            r["selector"], r["value"],
            slot=looks.selectors[r["plain"]].slot, marker=looks.selectors[r["plain"]].marker,
            shown=in_words(r["value"]) if measure == "seconds" else f"{r['value']:.3g}",
            keys={"selector": r["plain"]},
        )
        for r in records_of(rows.sort_values("value", kind="stable"))
    ]  # fmt: skip
    return dot_plot(dots, MEASURES[measure], f"{MEASURES[measure]} of each selector")
