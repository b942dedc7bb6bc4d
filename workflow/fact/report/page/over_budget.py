"""Accuracy over the budget, one line per method."""

import pandas as pd

from fact.report.drawing.line_plot import Axes, Line, Point, line_plot
from fact.report.page.by_place import by_name, caption_of, first_groups, in_order
from fact.report.page.looks import Looks, legend
from fact.report.page.section import Figure, Figures, Section
from fact.report.page.spread import INTERVAL, SETTING, over_seeds
from fact.report.tables.printed import records_of

LEAST = 3
"""Budgets of a line; fewer are dots, which the results above show budget by budget."""
NOTE = (
    f"Top-1 accuracy in % after the last epoch, mean over seeds. {INTERVAL} Hollow diamonds: published "
    "values (best epoch on the test images)."
)
MISSING = f"No dataset has {LEAST} budgets or more; Results show each budget by itself."
WHERE = ["dataset", "backbone", "selector"]


def over_budget_section(scores: pd.DataFrame, cells: pd.DataFrame, looks: Looks) -> Section:
    """Return a figure for each dataset, backbone and selector with three budgets or more.

    Published values are among ``cells``.
    """
    means = over_seeds(scores).merge(published_accuracy(cells), on=[*SETTING, "method"], how="left")
    several = means.groupby(WHERE)["budget"].transform("nunique") >= LEAST
    groups, note = first_groups(means[several], WHERE)
    figures = []
    for number, (keys, rows) in enumerate(groups):
        svg = line_plot(_lines(rows, looks), _axes(rows), f"Accuracy over budget, {caption_of(keys)}")
        figures.append(Figure(f"over-budget-{number}", caption_of(keys), svg, keys))
    methods = legend(looks.methods, in_order(means["method"]))
    parts = [Figures(figures, methods, note)] if figures else []
    return Section("over-budget", "Accuracy over budget", NOTE, parts=parts, missing=MISSING)


def published_accuracy(cells: pd.DataFrame) -> pd.DataFrame:
    """Return SETTING, ``method`` and ``published`` in %, the first value of each setting in the ``cells``."""
    known = cells[(cells["metric"] == "top1") & cells["published"].notna()]
    return known[[*SETTING, "method", "published"]].drop_duplicates([*SETTING, "method"])


def _axes(rows: pd.DataFrame) -> Axes:
    return Axes("budget", "accuracy (%)", in_order(rows["budget"]))


def _lines(rows: pd.DataFrame, looks: Looks) -> list[Line]:
    places = {name: place for place, name in enumerate(in_order(rows["budget"]))}
    return [
        Line(
            method,
            [
                Point(places[r["budget"]], r["mean"], r["low"], r["high"], r["published"])
                for r in records_of(here)
            ],
            looks.methods[method],
            {"method": method},
        )
        for method, here in by_name(rows, "method")
    ]
