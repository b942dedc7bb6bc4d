"""Which classes were taken for which."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from fact.report.page.by_place import at_place, places
from fact.report.page.charting import LINE, ROWS, WIDE, specification, with_choices
from fact.report.page.section import Chart, Section
from fact.tasks.classification.confusion import read_confusions

SQUARE = 30
"""Up to so many classes the whole matrix is shown, above the most frequent confusions."""
SHOWN = 20
CHOICES = {"run": "method and selector"}
"""Of both at once, for not every method is there with every selector."""
NOTE = (
    "Share of the test images of a class that were taken for another one, in %, over all seeds, at the "
    f"largest budget. Datasets of more than {SQUARE} classes show the {SHOWN} most frequent confusions."
)
MISSING = "No score holds a confusion matrix."


def confusions_section(
    scores: pd.DataFrame, records: Mapping[str, dict], classes: Mapping[str, Sequence[str]]
) -> Section:
    """Return a chart for each dataset and backbone; ``classes`` are the class names by dataset."""
    charts = []
    for number, place in enumerate(places(scores)):
        here, names = at_place(scores, place), classes[place[0]]
        pairs = confusion_shares(here[here["budget"] == here["budget"].iloc[-1]], records, names)
        if len(pairs):
            chart = _matrix(pairs, names) if len(names) <= SQUARE else _bars(pairs)
            caption = f"{' · '.join(place)}, {here['budget'].iloc[-1]}"
            charts.append(Chart(f"confusions-{number}", caption, chart))
    return Section("confusions", "Confusions", NOTE, parts=charts, missing=MISSING)


def confusion_shares(scores: pd.DataFrame, records: Mapping[str, dict], names: Sequence[str]) -> pd.DataFrame:
    """Return rows ``run, true, predicted, count, share``: of the sum over seeds, ``share`` of the true class
    in %.

    ``run`` names the method and the selector.
    """
    result = []
    for (selector, method), rows in scores.groupby(["selector", "method"], sort=False):
        pairs = pd.concat([_pairs(records[path]) for path in rows["path"]])
        counts = pairs.groupby(["true", "predicted"], as_index=False)[["count"]].sum()
        counts["share"] = counts["count"] / counts.groupby("true")["count"].transform("sum") * 100
        if len(names) > SQUARE:
            wrong = counts[counts["true"] != counts["predicted"]]
            counts = wrong.sort_values("share", ascending=False, kind="stable").head(SHOWN)
        result.append(counts.assign(run=f"{method}, {selector}"))
    frame = pd.concat(result).round({"share": 1})
    for column in ("true", "predicted"):
        frame[column] = [_label(names, index) for index in frame[column]]
    return frame[["run", "true", "predicted", "count", "share"]]


def _pairs(record: dict) -> pd.DataFrame:
    return pd.DataFrame(read_confusions(record.get("confusion", [])), columns=["true", "predicted", "count"])


def _label(names: Sequence[str], index: int) -> str:
    # numbered, so that two names that look alike stay apart
    return f"{index} {names[index]}"


def _matrix(frame: pd.DataFrame, names: Sequence[str]) -> dict:
    labels = [_label(names, index) for index in range(len(names))]
    # one hue, so that it reads on light and dark alike
    colours = alt.Color("share:Q", scale=alt.Scale(scheme="blues", domain=[0, 100]), title="%")
    chart = (
        alt.Chart(ROWS)
        .mark_rect()
        .encode(
            x=alt.X("predicted:N", sort=labels, scale=alt.Scale(domain=labels)),
            y=alt.Y("true:N", sort=labels, scale=alt.Scale(domain=labels)),
            color=colours,
            tooltip=["true:N", "predicted:N", "count:Q", alt.Tooltip("share:Q", title="%")],
        )
    )
    return specification(with_choices(chart.properties(**WIDE), frame, CHOICES), rows=frame)


def _bars(frame: pd.DataFrame) -> dict:
    frame = frame.assign(pair=[f"{row.true} → {row.predicted}" for row in frame.itertuples()])
    chart = (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="% of the true class"),
            y=alt.Y("pair:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
            tooltip=["true:N", "predicted:N", "count:Q", alt.Tooltip("share:Q", title="%")],
        )
    )
    sized = chart.properties(width="container", height=LINE * SHOWN)
    return specification(with_choices(sized, frame, CHOICES), rows=frame)
