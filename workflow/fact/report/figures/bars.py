"""Accuracy as bars (Figure 4 of the paper): a panel for each dataset, a group for each budget."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fact.config.tables import TableSpec
from fact.report.figures.style import AXES, in_columns, plain, plt, save
from fact.report.palette import in_turn
from fact.report.tables.samples import table_samples

HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oo", "**", "||||", "----")
PANEL, LEGEND = 2.1, 0.14
"""Inches of the height of a panel, and of a line of the legend."""


def plot_bars(scores: pd.DataFrame, spec: TableSpec, paths: Sequence[Path]) -> None:
    """Plot the mean score over seeds as bars, with one sample sd: a colour per backbone, a hatch per bar.

    The suffix of a path is its format; the same scores give the same bytes.
    """
    samples = table_samples(scores, spec)
    samples = samples[samples["metric"] == spec.headline]
    datasets = list(dict.fromkeys(column.dataset for column in spec.columns))
    lines = len({column.backbone for column in spec.columns}) * len(spec.rows)
    figure, axes = in_columns(len(datasets), PANEL + LEGEND * lines / len(datasets))
    for dataset, axis in zip(datasets, axes, strict=True):
        _plot_panel(axis, samples[samples["dataset"] == dataset], spec, dataset=dataset)
        axis.set_title(plain(dataset), loc="left")
        axis.set_ylabel(AXES[spec.kind])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _plot_panel(axis: plt.Axes, samples: pd.DataFrame, spec: TableSpec, dataset: str) -> None:
    columns = [column for column in spec.columns if column.dataset == dataset]
    budgets = list(dict.fromkeys(column.budget for column in columns))
    backbones = in_turn(column.backbone for column in spec.columns)
    bars = [(backbone, row.label) for backbone in backbones for row in spec.rows]
    means = samples.groupby(["backbone", "row", "budget"])["last"].agg(["mean", "std"])
    width = 0.8 / len(bars)
    for number, (backbone, row) in enumerate(bars):
        here = means.reindex([(backbone, row, budget) for budget in budgets])
        axis.bar(
            [place - 0.4 + (number + 0.5) * width for place in range(len(budgets))],
            here["mean"],
            width,
            yerr=here["std"],
            error_kw={"elinewidth": 0.8},
            label=plain(f"{backbone} {row}"),
            color=backbones[backbone].colour,
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            linewidth=0.4,
        )
    axis.set_xticks(range(len(budgets)), [plain(budget) for budget in budgets])
    axis.set_xlabel("budget")
    axis.grid(axis="y")
