"""Selectors side by side: their measures, where their picks lie in the pool, and their contact sheets."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, WIDE, colour, in_order, specification, with_choices
from fact.report.page.pool_map import PoolMap, pool_map_chart
from fact.report.page.section import Chart, Links, Part, Section, Table
from fact.report.tables.selectors import MEASURES, NOTE, to_texts

MISSING = "Selectors were not compared in this run: `selection` is not among `run.report`."


def selectors_section(
    table: pd.DataFrame | None, maps: Sequence[PoolMap], sheets: Mapping[str, str]
) -> Section:
    """Show selectors side by side.

    ``table``: of :mod:`fact.report.tables.selectors`; ``maps``: of pools with their picks; ``sheets``:
    addresses of contact sheets by name.
    """
    if table is None:
        return Section("selectors", "Selectors", NOTE, parts=(), missing=MISSING)
    texts = to_texts(table)
    header = [str(name) for name in texts]
    parts: list[Part] = [
        Table("Selectors by dataset, backbone and budget", header, texts.to_numpy().tolist(), names=4),
        *charts_by_place("measures", table, _lines),
        *(Chart(f"pool-{number}", pool.caption, pool_map_chart(pool)) for number, pool in enumerate(maps)),
        Links("Contact sheets of all selections (they lie beside this page, in results/)", sheets),
    ]
    return Section("selectors", "Selectors", NOTE, parts=parts)


def _lines(table: pd.DataFrame) -> dict:
    """Return a measure over the budget, one line per selector."""
    long = table.melt(["budget", "selector"], list(MEASURES), "measure").round({"value": 5})
    long["measure"] = long["measure"].map(MEASURES)
    chart = (
        alt.Chart(ROWS)
        .mark_line(point=True)
        .encode(
            x=alt.X("budget:O", sort=in_order(long["budget"]), title="budget", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=colour(long["selector"], "selector", "selector"),
            tooltip=["selector:N", "budget:N", alt.Tooltip("value:Q", format=".4g")],
        )
    )
    return specification(with_choices(chart.properties(**WIDE), long, {"measure": "measure"}), rows=long)
