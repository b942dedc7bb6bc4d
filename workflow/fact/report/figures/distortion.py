"""Plot feature distortion over the budget."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from fact.report.figures.style import in_columns, label_ends, looks, plain, plt, save
from fact.report.palette import Style, in_turn
from fact.report.tables.distortion import over_seeds

DASHES: Mapping[str, tuple[float, ...]] = {"labelled": (), "unlabelled": (3.0, 2.0)}
PLACE = ["dataset", "backbone", "selector"]
PANEL = 2.3


def plot_distortion(measured: pd.DataFrame, paths: Sequence[Path]) -> None:
    """Plot the relative distance over the budget, mean over seeds.

    One colour and marker per recipe, dashed for unlabelled images; a panel for each dataset, backbone and
    selector.
    """
    means = over_seeds(measured)
    styles = in_turn(means["recipe"])
    panels = [(" · ".join(map(str, names)), rows) for names, rows in means.groupby(PLACE, sort=False)]
    figure, axes = in_columns(len(panels), PANEL)
    for (title, rows), axis in zip(panels, axes, strict=True):
        axis.set_title(plain(title), loc="left")
        _plot_panel(axis, rows, styles)
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _plot_panel(axis: plt.Axes, panel: pd.DataFrame, styles: Mapping[str, Style]) -> None:
    budgets = list(dict.fromkeys(panel["budget"]))
    ends = []
    for (recipe, images), chosen in panel.groupby(["recipe", "images"], sort=False):
        values = chosen.set_index("budget")["relative"].reindex(budgets)
        style = styles[str(recipe)]._replace(dash=DASHES[str(images)])
        axis.plot(range(len(budgets)), values, markersize=3.5, linewidth=1.1, **looks(style))
        ends.append((f"{recipe}, {images}", float(values.dropna().iloc[-1]), style))
    axis.set_xticks(range(len(budgets)), [plain(str(budget)) for budget in budgets])
    axis.set_xlabel("budget")
    axis.set_ylabel("distance / length of features")
    axis.set_ylim(bottom=0)
    axis.grid(axis="y")
    label_ends(axis, ends)
