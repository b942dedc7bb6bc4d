"""Accuracy by backbone (the paper's Figure 4), bars a method."""

import altair as alt
import pandas as pd

from fact.report.page.charting import ROWS, WIDE, colour, in_order, specification, with_choices
from fact.report.page.section import Chart, Section
from fact.report.page.spread import INTERVAL, over_seeds

NOTE = f"Top-1 accuracy in % after the last epoch, mean over seeds. {INTERVAL}"
MISSING = "No dataset of this run has scores of more than one backbone."


def over_backbones_section(scores: pd.DataFrame) -> Section:
    """Return a chart for each dataset with more than one backbone."""
    means = over_seeds(scores)
    groups = means.groupby("dataset", sort=False)
    several = [str(name) for name, rows in groups if rows["backbone"].nunique() > 1]
    charts = [
        Chart(f"backbones-{number}", name, _bars(means[means["dataset"] == name].drop(columns="dataset")))
        for number, name in enumerate(several)
    ]
    return Section("backbones", "Backbones", NOTE, parts=charts, missing=MISSING)


def _bars(frame: pd.DataFrame) -> dict:
    methods = in_order(frame["method"])
    base = alt.Chart(ROWS).encode(
        x=alt.X("backbone:N", sort=in_order(frame["backbone"]), title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("method:N", sort=methods),
    )
    tooltip = ["backbone:N", "method:N", alt.Tooltip("mean:Q", title="accuracy (%)", format=".2f")]
    bars = base.mark_bar().encode(
        y=alt.Y("mean:Q", title="accuracy (%)"), color=colour(methods, "method", "method"), tooltip=tooltip
    )
    spread = base.mark_rule().encode(y=alt.Y("low:Q", title="accuracy (%)"), y2="high:Q")
    layers = alt.layer(bars, spread).properties(**WIDE)
    return specification(
        with_choices(layers, frame, {"selector": "selector", "budget": "budget"}), rows=frame
    )
