"""Plot feature distortion over the budget."""

from pathlib import Path

import pandas as pd

from fact.report.figures.style import plain, plt, save
from fact.report.tables.distortion import over_seeds

STYLES = {"labelled": "-", "unlabelled": "--"}


def plot_distortion(measured: pd.DataFrame, paths: list[Path]) -> None:
    """Plot the relative distance over the budget, mean over seeds.

    One colour per recipe, dashed for unlabelled images.

    A row of panels for each (dataset, backbone), a column for each selector.
    """
    means = over_seeds(measured)
    rows = list(dict.fromkeys(zip(means["dataset"], means["backbone"], strict=True)))
    selectors = list(dict.fromkeys(means["selector"]))
    size = (5.2 * len(selectors), 4.2 * len(rows))
    figure, axes = plt.subplots(len(rows), len(selectors), figsize=size, squeeze=False, sharey="row")
    for names, line in zip(rows, axes, strict=True):
        here = means[(means["dataset"] == names[0]) & (means["backbone"] == names[1])]
        for selector, axis in zip(selectors, line, strict=True):
            _plot_panel(axis, here[here["selector"] == selector])
            axis.set_title(plain(" · ".join((*names, selector))), fontsize=10)
        line[0].set_ylabel("distance to frozen features / their length")
    axes[0][-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    figure.tight_layout()
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _plot_panel(axis: plt.Axes, panel: pd.DataFrame) -> None:
    budgets = list(dict.fromkeys(panel["budget"]))
    for number, recipe in enumerate(dict.fromkeys(panel["recipe"])):
        for images, style in STYLES.items():
            chosen = panel[(panel["recipe"] == recipe) & (panel["images"] == images)]
            values = chosen.set_index("budget")["relative"].reindex(budgets)
            label, colour = f"{recipe}, {images}", f"C{number}"
            axis.plot(range(len(budgets)), values, style, marker="o", markersize=4, color=colour, label=label)
    axis.set_xticks(range(len(budgets)), budgets)
    axis.set_xlabel("budget")
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
