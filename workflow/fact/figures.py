"""Figures from scores."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd

from fact.publish import publish


def plot_budgets(scores: pd.DataFrame, paths: list[Path]) -> None:
    """Accuracy over labelled images: a panel for each (dataset, backbone, selector), a line a method, bars of one sd."""
    panels = list(scores.groupby(["dataset", "backbone", "selector"], sort=False))
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2 * len(panels), 4.2), squeeze=False, sharey="row")
    for axis, (names, panel) in zip(axes[0], panels, strict=True):
        _plot_panel(axis, panel)
        axis.set_title(" · ".join(names), fontsize=10)
        axis.set_xlabel("budget")
    axes[0][0].set_ylabel("top-1 accuracy, last epoch (%)")
    axes[0][-1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    figure.tight_layout()
    for path in paths:
        _save(figure, path)
    plt.close(figure)


def _plot_panel(axis: plt.Axes, panel: pd.DataFrame) -> None:
    budgets = list(dict.fromkeys(panel["budget"]))
    colours = plt.get_cmap("tab20").colors
    for number, (method, rows) in enumerate(panel.groupby("method", sort=False)):
        accuracy = rows.groupby("budget", sort=False)["top1_last"].agg(["mean", "std"]).reindex(budgets) * 100
        axis.errorbar(
            range(len(budgets)), accuracy["mean"], yerr=accuracy["std"].fillna(0), label=method, marker="o",
            markersize=4, capsize=2, linewidth=1.4, color=colours[number % len(colours)],
        )  # fmt: skip
    axis.set_xticks(range(len(budgets)), budgets)
    axis.grid(alpha=0.3)


def _save(figure: plt.Figure, path: Path) -> None:
    # no date in the file: the same scores give the same bytes
    metadata = {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}
    with publish(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], dpi=150, bbox_inches="tight", metadata=metadata)
