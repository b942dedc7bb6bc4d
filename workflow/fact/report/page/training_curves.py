"""Loss and test accuracy over the epochs of phase 2 and of the SGD probe."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from fact.report.page.by_place import charts_by_place
from fact.report.page.charting import ROWS, WIDE, colour, specification, with_choices
from fact.report.page.section import Section
from fact.report.page.spread import SETTING

POINTS = 16_000
"""Points of all curves of the page together; longer ones are thinned."""
QUANTITIES = {"loss": "training loss", "top1": "test accuracy (%)"}
NOTE = (
    "Means over seeds. Accuracy on the test images is there where `run.history: paper` asked for it; it "
    "chooses nothing. Long curves show fewer points than epochs."
)
MISSING = "No score has a history of epochs."


def training_curves_section(scores: pd.DataFrame, records: Mapping[str, dict]) -> Section:
    """Return a chart for each dataset and backbone; ``records`` are the score records by path."""
    epochs = epoch_means(scores, records)
    charts = charts_by_place("curves", epochs, _curves)
    return Section("curves", "Training curves", NOTE, parts=charts, missing=MISSING)


def epoch_means(scores: pd.DataFrame, records: Mapping[str, dict]) -> pd.DataFrame:
    """Return SETTING, ``method``, ``quantity``, ``epoch`` (from 1) and ``value``:
    means over seeds, thinned.
    """
    settings = scores[[*SETTING, "method"]].itertuples(index=False, name=None)
    long = [
        (*setting, name, entry["epoch"] + 1, entry[key])
        for setting, path in zip(settings, scores["path"], strict=True)
        for entry in records[path]["history"]
        for key, name in QUANTITIES.items()
        if key in entry
    ]
    keys = [*SETTING, "method", "quantity"]
    frame = pd.DataFrame(long, columns=[*keys, "epoch", "value"])
    if frame.empty:
        return frame
    frame.loc[frame["quantity"] == QUANTITIES["top1"], "value"] *= 100
    means = frame.groupby([*keys, "epoch"], sort=False)["value"].mean().reset_index().round({"value": 4})
    curves = means.groupby(keys, sort=False)
    return means[curves["epoch"].transform(_kept, points=max(8, POINTS // max(1, curves.ngroups)))]


def _kept(epochs: pd.Series, points: int) -> np.ndarray:
    """Return which of a curve's epochs are shown: evenly spread, the last always among them."""
    shown = np.zeros(len(epochs), bool)
    shown[np.unique(np.linspace(0, len(epochs) - 1, min(points, len(epochs))).round().astype(int))] = True
    return shown


def _curves(frame: pd.DataFrame) -> dict:
    chart = alt.Chart(ROWS).mark_line(point={"size": 12})
    chart = chart.encode(
        x=alt.X("epoch:Q", title="epoch"),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=colour(frame["method"], "method", "method"),
        tooltip=["method:N", "epoch:Q", "value:Q"],
    ).properties(**WIDE)
    fields = {"quantity": "shown", "selector": "selector", "budget": "budget"}
    return specification(with_choices(chart, frame, fields), rows=frame)
