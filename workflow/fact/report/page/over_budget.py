"""Accuracy over the budget, one line per method."""

import altair as alt
import pandas as pd

from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, WIDE, colour, in_order, specification, with_choices
from fact.report.page.section import Section
from fact.report.page.spread import INTERVAL, SETTING, over_seeds

NOTE = (
    f"Top-1 accuracy in % after the last epoch, mean over seeds. {INTERVAL} A method can be picked out. "
    "Hollow diamonds: published values (best epoch on the test images)."
)
ALL = "all of them"


def over_budget_section(scores: pd.DataFrame, cells: pd.DataFrame) -> Section:
    """Return a chart for each dataset and backbone, a selector at a time.

    Published values are among ``cells``.
    """
    means = over_seeds(scores).merge(published_accuracy(cells), on=[*SETTING, "method"], how="left")
    charts = charts_by_place("over-budget", means, _lines)
    return Section("over-budget", "Accuracy over budget", NOTE, parts=charts)


def published_accuracy(cells: pd.DataFrame) -> pd.DataFrame:
    """Return SETTING, ``method`` and ``published`` in %, the first value of each setting in the ``cells``."""
    known = cells[(cells["metric"] == "top1") & cells["published"].notna()]
    return known[[*SETTING, "method", "published"]].drop_duplicates([*SETTING, "method"])


def _lines(frame: pd.DataFrame) -> dict:
    # a list, for a legend cannot be reached by keyboard
    options = [ALL, *in_order(frame["method"])]
    picked = alt.param("picked", value=ALL, bind=alt.binding_select(options=options, name="method"))
    base = alt.Chart(ROWS).encode(
        x=alt.X("budget:O", sort=in_order(frame["budget"]), title="budget", axis=alt.Axis(labelAngle=0)),
        color=colour(frame["method"], "method", "method"),
        opacity=alt.condition(f"picked === '{ALL}' || datum.method === picked", alt.value(1), alt.value(0.1)),
        tooltip=[
            alt.Tooltip("method:N"),
            alt.Tooltip("budget:N"),
            alt.Tooltip("mean:Q", title="accuracy (%)", format=".2f"),
            alt.Tooltip("n:Q", title="seeds"),
            alt.Tooltip("published:Q"),
        ],
    )
    lines = base.mark_line(point=True).encode(y=_accuracy("mean", frame)).add_params(picked)
    bars = base.mark_rule().encode(y=_accuracy("low", frame), y2="high:Q")
    known = base.mark_point(shape="diamond", size=80).encode(y=_accuracy("published", frame))
    layers = [bars, lines, known.transform_filter("isValid(datum.published)")]
    return specification(
        with_choices(alt.layer(*layers).properties(**WIDE), frame, {"selector": "selector"}), rows=frame
    )


def _accuracy(field: str, frame: pd.DataFrame) -> alt.Y:
    """Return an axis that stays when another selector is chosen."""
    values = frame[["low", "high", "published"]]
    margin = max(1.0, 0.05 * float(values.max().max() - values.min().min()))
    domain = [float(values.min().min()) - margin, float(values.max().max()) + margin]
    return alt.Y(
        f"{field}:Q", title="accuracy (%)", scale=alt.Scale(domain=[round(end, 1) for end in domain])
    )
