"""Loss and test accuracy over the epochs of phase 2 and of the SGD probe."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fact.report.drawing.line_plot import Axes, Line, Point, line_plot
from fact.report.page.by_place import by_name, caption_of, first_groups
from fact.report.page.looks import Looks
from fact.report.page.section import Figure, Figures, Section
from fact.report.page.spread import SETTING

POINTS = 20_000
"""Points of all curves of the page together; longer ones are thinned."""
MOST = 60
"""Points of one curve."""
QUANTITIES = {"loss": "training loss", "top1": "test accuracy (%)"}
NOTE = (
    "Means over seeds. Accuracy on the test images is there where `run.history: paper` asked for it; it "
    "chooses nothing. Long curves show fewer points than epochs."
)
MISSING = "No score has a history of more than one epoch."


def training_curves_section(scores: pd.DataFrame, records: Mapping[str, dict], looks: Looks) -> Section:
    """Return a figure for each setting and quantity, the last budget of a dataset first.

    ``records`` are the score records by path.
    """
    epochs = epoch_means(scores, records)
    # one epoch of a method is a number, which the tables have
    long = epochs.groupby([*SETTING, "method", "quantity"])["epoch"].transform("nunique") > 1
    groups, note = first_groups(epochs[long], [*SETTING, "quantity"], scores)
    figures = [_figure(f"curves-{n}", keys, rows, looks) for n, (keys, rows) in enumerate(groups)]
    parts = [Figures(figures, note=note)] if figures else []
    return Section("curves", "Training curves", NOTE, parts=parts, missing=MISSING)


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
    points = min(MOST, max(8, POINTS // max(1, curves.ngroups)))
    return means[curves["epoch"].transform(_kept, points=points)]


def _kept(epochs: pd.Series, points: int) -> np.ndarray:
    """Return which of a curve's epochs are shown: evenly spread, the last always among them."""
    shown = np.zeros(len(epochs), bool)
    shown[np.unique(np.linspace(0, len(epochs) - 1, min(points, len(epochs))).round().astype(int))] = True
    return shown


def _figure(key: str, keys: dict[str, str], rows: pd.DataFrame, looks: Looks) -> Figure:
    lines = [
        Line(method, [Point(*point) for point in zip(here["epoch"], here["value"], strict=True)],
             looks.methods[method], {"method": method})
        for method, here in by_name(rows, "method")
    ]  # fmt: skip
    quantity = keys.pop("quantity")
    caption = f"{caption_of(keys)}: {quantity}"
    keys.pop("budget")
    return Figure(key, caption, line_plot(lines, Axes("epoch", quantity), f"Over epochs, {caption}"), keys)
