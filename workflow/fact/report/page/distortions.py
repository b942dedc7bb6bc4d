"""How far finetuning moves the features, of labelled and of other images of the pool."""

import altair as alt
import pandas as pd

from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, WIDE, colour, in_order, specification, with_choices
from fact.report.page.section import Section
from fact.report.tables.distortion import over_seeds

NOTE = (
    "Mean distance between the refined and the frozen features of an image, as a share of the frozen "
    "features' mean length; mean over seeds. Solid: labelled images, dashed: a fixed sample of the pool "
    "without labels."
)
MISSING = "Distortion was not measured in this run: `distortion` is not among `run.report`."


def distortions_section(measured: pd.DataFrame | None) -> Section:
    """Return a chart for each dataset and backbone; rows of :mod:`fact.features.distortion`."""
    title = "Feature distortion"
    if measured is None:
        return Section("distortion", title, NOTE, parts=(), missing=MISSING)
    means = over_seeds(measured)
    charts = charts_by_place("distortion", means, _lines)
    return Section("distortion", title, NOTE, parts=charts, missing=MISSING)


def _lines(frame: pd.DataFrame) -> dict:
    chart = (
        alt.Chart(ROWS)
        .mark_line(point=True)
        .encode(
            x=alt.X("budget:O", sort=in_order(frame["budget"]), title="budget", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("relative:Q", title="distance / length"),
            color=colour(frame["recipe"], "recipe", "recipe"),
            strokeDash=alt.StrokeDash(
                "images:N", sort=["labelled", "unlabelled"], legend=alt.Legend(orient="bottom")
            ),
            tooltip=["recipe:N", "images:N", "budget:N", alt.Tooltip("relative:Q", format=".4f")],
        )
    )
    return specification(with_choices(chart.properties(**WIDE), frame, {"selector": "selector"}), rows=frame)
