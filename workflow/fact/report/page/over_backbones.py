"""Accuracy by backbone (the paper's Figure 4), one dot per method and backbone."""

import pandas as pd

from fact.infra.fields import Settings
from fact.report.drawing.dot_plot import Dot, dot_plot
from fact.report.page.by_place import caption_of, first_groups
from fact.report.page.looks import Looks, legend
from fact.report.page.section import Figure, Figures, Section
from fact.report.page.spread import INTERVAL, over_seeds
from fact.report.palette import Style
from fact.report.tables.printed import records_of

NOTE = f"Top-1 accuracy in % after the last epoch, mean over seeds, best first. {INTERVAL}"
MISSING = "No dataset of this run has scores of more than one backbone."
WHERE = ["dataset", "selector", "budget"]
ROWS = 30


def over_backbones_section(scores: pd.DataFrame, looks: Looks) -> Section:
    """Return a figure for each dataset, selector and budget with more than one backbone."""
    means = over_seeds(scores)
    both = means.groupby(WHERE)["backbone"].transform("nunique") > 1
    several, note = first_groups(means[both], WHERE, means)
    figures = []
    for number, (keys, rows) in enumerate(several):
        label = f"Accuracy by backbone, {caption_of(keys)}"
        svg = dot_plot(_dots(rows, looks), "accuracy (%)", label)
        shown = {name: keys[name] for name in ("dataset", "selector")}
        figures.append(Figure(f"backbones-{number}", caption_of(keys), svg, shown))
    methods = legend(looks.methods, [str(name) for _, rows in several for name in rows["method"]])
    parts = [Figures(figures, methods, note, shown=3)] if figures else []
    return Section("backbones", "Backbones", NOTE, parts=parts, missing=MISSING)


def _dots(rows: pd.DataFrame, looks: Looks) -> list[Dot]:
    best = rows.sort_values("mean", ascending=False, kind="stable").head(ROWS)
    return [_dot(row, looks.methods[row["method"]]) for row in records_of(best)]


def _dot(row: Settings, style: Style) -> Dot:
    method, backbone = row["method"], row["backbone"]
    return Dot(
        f"{method}, {backbone}",
        row["mean"],
        row["low"],
        row["high"],
        slot=style.slot,
        marker=style.marker,
        note=f"{method} on {backbone}: {row['mean']:.2f}, seeds: {row['n']}",
        keys={"backbone": backbone, "method": method},
    )
