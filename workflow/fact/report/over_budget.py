"""Accuracy over the budget, a line a method."""

import altair as alt
import pandas as pd

from fact.report.charting import WIDE, colour, in_order, rows_of, specification, with_choices
from fact.report.section import Chart, Section
from fact.report.spread import INTERVAL, SETTING, at_place, over_seeds, places
from fact.samples import METRICS

NOTE = (
    f"Top-1 accuracy in % after the last epoch, mean over seeds. {INTERVAL} A method in the legend, clicked, "
    "is shown alone. Hollow diamonds: published values (best epoch on the test images)."
)


def over_budget_section(scores: pd.DataFrame, cells: pd.DataFrame) -> Section:
    """A chart for each dataset and backbone, a selector at a time; published values are among ``cells``."""
    means = over_seeds(scores).merge(published_accuracy(cells), on=[*SETTING, "method"], how="left")
    charts = [
        Chart(f"over-budget-{number}", " · ".join(place), specification(_lines(at_place(means, place))))
        for number, place in enumerate(places(means))
    ]
    return Section("over-budget", "Accuracy over budget", NOTE, charts)


def published_accuracy(cells: pd.DataFrame) -> pd.DataFrame:
    """SETTING, ``method`` and ``published`` in %, the first value of each setting; ``cells`` of all tables."""
    known = cells[(cells["metric"] == METRICS["accuracy"]) & cells["published"].notna()]
    return known[[*SETTING, "method", "published"]].drop_duplicates([*SETTING, "method"])


def _lines(frame: pd.DataFrame) -> alt.LayerChart:
    legend = alt.selection_point(name="shown", fields=["method"], bind="legend", toggle="true")
    base = alt.Chart(rows_of(frame.drop(columns=["dataset", "backbone"]))).encode(
        x=alt.X("budget:O", sort=in_order(frame["budget"]), title="budget", axis=alt.Axis(labelAngle=0)),
        color=colour(frame["method"], "method", "method"),
        opacity=alt.condition(legend, alt.value(1), alt.value(0.1)),
    )
    accuracy = alt.Y("mean:Q", title="accuracy (%)", scale=alt.Scale(zero=False))
    tooltip = [
        alt.Tooltip("method:N"),
        alt.Tooltip("budget:N"),
        alt.Tooltip("mean:Q", title="accuracy (%)", format=".2f"),
        alt.Tooltip("n:Q", title="seeds"),
    ]
    lines = base.mark_line(point=True).encode(y=accuracy, tooltip=tooltip).add_params(legend)
    bars = base.mark_rule().encode(y=alt.Y("low:Q", title="accuracy (%)"), y2="high:Q")
    marks = base.transform_filter("isValid(datum.published)").mark_point(shape="diamond", size=80)
    published = marks.encode(
        y=alt.Y("published:Q", title="accuracy (%)"), tooltip=[*tooltip[:2], "published:Q"]
    )
    layers = alt.layer(bars, lines, published).properties(**WIDE)
    return with_choices(layers, frame, {"selector": "selector"})
