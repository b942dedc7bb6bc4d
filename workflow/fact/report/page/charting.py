"""Parts that the charts of the page share: their data, what can be chosen in them, and colours."""

from collections.abc import Iterable, Mapping
from typing import Final

import altair as alt
import pandas as pd

ROWS = alt.NamedData("rows")
"""The data of a chart, to be given to :func:`specification`."""
WIDE = {"width": "container", "height": 320}
"""As wide as the page, so that it fits a phone."""
SCHEME: Final = "tableau20"
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
LINE = 24
"""Pixels of a line of names beside a chart."""


def in_order(values: Iterable[str]) -> list[str]:
    """Return distinct values, in order of appearance."""
    return list(dict.fromkeys(values))


def colour(names: Iterable[str], field: str, title: str) -> alt.Color:
    """Return a colour for each name, in this order, legend below the chart."""
    scale = alt.Scale(domain=in_order(names), scheme=SCHEME)
    legend = alt.Legend(orient="bottom", columns=4, labelLimit=240)
    return alt.Color(f"{field}:N", scale=scale, title=title, legend=legend)


def lines_of(names: Iterable[str]) -> dict:
    """Return the size of a chart: as wide as the page, as high as the names beside it need."""
    return {"width": "container", "height": LINE * max(4, len(set(names)))}


def with_choices(chart: AnyChart, rows: pd.DataFrame, choices: Mapping[str, str]) -> AnyChart:
    """Return the chart with a drop-down list for each field (name to label) of more than one value in
    ``rows``.

    It shows the rows of the chosen values, the first ones at the start.
    """
    for field, label in choices.items():
        options = in_order(rows[field])
        if len(options) > 1:
            bind = alt.binding_select(options=options, name=label)
            choice = alt.param(name=f"chosen_{field}", value=options[0], bind=bind)
            chart = chart.add_params(choice).transform_filter(f"datum.{field} === chosen_{field}")
    return chart


def specification(chart: AnyChart, **data: pd.DataFrame) -> dict:
    """Return the Vega-Lite specification of a chart on named data: ``rows`` for ROWS, and others."""
    spec = chart.to_dict()
    # the page gives the colours of text and lines
    del spec["config"]
    # Altair would check each row against Vega-Lite's schema, which takes most of a large report's time
    return spec | {"datasets": {name: _records(frame) for name, frame in data.items()}}


def _records(frame: pd.DataFrame) -> list[dict]:
    """Return the rows; a missing number is null."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")
