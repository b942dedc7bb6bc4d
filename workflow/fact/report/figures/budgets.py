"""Plot scores over the budget."""

from pathlib import Path

import pandas as pd

from fact.config.tables import TableSpec
from fact.report.figures.style import AXES, plain, plt, save


def plot_budgets(scores: pd.DataFrame, spec: TableSpec, paths: list[Path]) -> None:
    """Plot the score over the budget, one line per method, bars of one sample sd over seeds.

    A row of panels for each (dataset, backbone), a column for each selector; one column, with a line for
    each row that the paper has too, where the table (``spec``)
    names its rows. The suffix of a path is its format; the same scores give the same bytes.
    """
    scores = _of_rows(scores, spec) if spec.labelled else scores
    scores = scores.assign(score=scores[spec.metrics[spec.headline]] * 100)
    rows = list(dict.fromkeys(zip(scores["dataset"], scores["backbone"], strict=True)))
    selectors, methods = (list(dict.fromkeys(scores[name])) for name in ("selector", "method"))
    size = (5.2 * len(selectors), 4.2 * len(rows))
    figure, axes = plt.subplots(len(rows), len(selectors), figsize=size, squeeze=False, sharey="row")
    for names, line in zip(rows, axes, strict=True):
        here = scores[(scores["dataset"] == names[0]) & (scores["backbone"] == names[1])]
        for selector, axis in zip(selectors, line, strict=True):
            _plot_panel(
                axis, here[here["selector"] == selector], list(dict.fromkeys(here["budget"])), methods=methods
            )
            axis.set_title(plain(" · ".join(filter(None, (*names, selector)))), fontsize=10)
        line[0].set_ylabel(AXES[spec.kind])
    axes[0][-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    figure.tight_layout()
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _of_rows(scores: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return the scores of the table's rows, with their labels in place of selectors and methods."""
    rows = [row for row in spec.rows if not row.beyond] or spec.rows
    parts = [
        scores[(scores["selector"] == row.selector) & (scores["method"] == row.method)].assign(
            selector="", method=row.label
        )
        for row in rows
    ]
    return pd.concat(parts)


def _plot_panel(axis: plt.Axes, panel: pd.DataFrame, budgets: list[str], methods: list[str]) -> None:
    colours = plt.get_cmap("tab20")
    for number, method in enumerate(methods):
        tops = panel[panel["method"] == method].groupby("budget")["score"]
        accuracy = tops.agg(["mean", "std"]).reindex(budgets)
        axis.errorbar(
            range(len(budgets)),
            accuracy["mean"],
            yerr=accuracy["std"],
            label=plain(method),
            marker="o",
            markersize=4,
            capsize=2,
            linewidth=1.4,
            color=colours(number % colours.N),
        )
    axis.set_xticks(range(len(budgets)), budgets)
    axis.set_xlabel("budget")
    axis.grid(alpha=0.3)
