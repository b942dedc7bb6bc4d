"""Accuracy as bars (Figure 4 of the paper): a panel for each dataset, a group for each budget."""

from pathlib import Path

import pandas as pd

from fact.config.tables import TableSpec
from fact.report.figures.style import AXES, plain, plt, save
from fact.report.tables.samples import table_samples

HATCHES = ("", "///", "...", "xxx", "\\\\\\", "++")


def plot_bars(scores: pd.DataFrame, spec: TableSpec, paths: list[Path]) -> None:
    """Plot the mean score over seeds as bars, with one sample sd: colours are backbones, hatches rows.

    The suffix of a path is its format; the same scores give the same bytes.
    """
    samples = table_samples(scores, spec)
    samples = samples[samples["metric"] == spec.headline]
    datasets = dict.fromkeys(column.dataset for column in spec.columns)
    figure, axes = plt.subplots(1, len(datasets), figsize=(6.2 * len(datasets), 4.2), squeeze=False)
    for dataset, axis in zip(datasets, axes[0], strict=True):
        _plot_panel(axis, samples[samples["dataset"] == dataset], spec, dataset=dataset)
        axis.set_title(plain(dataset), fontsize=10)
    axes[0][0].set_ylabel(AXES[spec.kind])
    axes[0][-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    figure.tight_layout()
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _plot_panel(axis: plt.Axes, samples: pd.DataFrame, spec: TableSpec, dataset: str) -> None:
    columns = [column for column in spec.columns if column.dataset == dataset]
    budgets = list(dict.fromkeys(column.budget for column in columns))
    backbones = list(dict.fromkeys(column.backbone for column in spec.columns))
    bars = [(backbone, row.label) for backbone in backbones for row in spec.rows]
    means = samples.groupby(["backbone", "row", "budget"])["last"].agg(["mean", "std"])
    colours = plt.get_cmap("tab10")
    width = 0.8 / len(bars)
    for number, (backbone, row) in enumerate(bars):
        here = means.reindex([(backbone, row, budget) for budget in budgets])
        axis.bar(
            [place - 0.4 + (number + 0.5) * width for place in range(len(budgets))],
            here["mean"],
            width,
            yerr=here["std"],
            label=plain(f"{backbone} {row}"),
            color=colours(backbones.index(backbone) % colours.N),
            alpha=0.85,
            hatch=HATCHES[number % len(spec.rows) % len(HATCHES)],
            edgecolor="white",
            linewidth=0.5,
        )
    axis.set_xticks(range(len(budgets)), budgets)
    axis.set_xlabel("budget")
    axis.grid(axis="y", alpha=0.3)
