"""Figures from scores."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd

from fact.infra.files.publish import publish


def plot_budgets(scores: pd.DataFrame, spec: dict, paths: list[Path]) -> None:
    """Accuracy over the budget, a line a method, bars of one sample sd over seeds.

    A row of panels for each (dataset, backbone), a column for each selector; one column, with a line for
    each row that the paper has too, where the table (``spec``, see :func:`fact.config.tables.table_spec`)
    names its rows. The suffix of a path is its format; the same scores give the same bytes.
    """
    scores = _of_rows(scores, spec) if spec["labelled"] else scores
    rows = list(dict.fromkeys(zip(scores["dataset"], scores["backbone"], strict=True)))
    selectors, methods = (list(dict.fromkeys(scores[name])) for name in ("selector", "method"))
    size = (5.2 * len(selectors), 4.2 * len(rows))
    figure, axes = plt.subplots(len(rows), len(selectors), figsize=size, squeeze=False, sharey="row")
    for names, line in zip(rows, axes, strict=True):
        here = scores[(scores["dataset"] == names[0]) & (scores["backbone"] == names[1])]
        for selector, axis in zip(selectors, line, strict=True):
            _plot_panel(
                axis, here[here["selector"] == selector], list(dict.fromkeys(here["budget"])), methods
            )
            axis.set_title(plain(" · ".join(filter(None, (*names, selector)))), fontsize=10)
        line[0].set_ylabel("top-1 accuracy, last epoch (%)")
    axes[0][-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    figure.tight_layout()
    for path in paths:
        save(figure, path)
    plt.close(figure)


def _of_rows(scores: pd.DataFrame, spec: dict) -> pd.DataFrame:
    """The scores of the table's rows, their labels in place of methods, of no selector."""
    rows = [row for row in spec["rows"] if not row["beyond"]] or spec["rows"]
    parts = [
        scores[(scores["selector"] == row["selector"]) & (scores["method"] == row["method"])].assign(
            selector="", method=row["label"]
        )
        for row in rows
    ]
    return pd.concat(parts)


def _plot_panel(axis: plt.Axes, panel: pd.DataFrame, budgets: list[str], methods: list[str]) -> None:
    colours = plt.get_cmap("tab20").colors
    for number, method in enumerate(methods):
        tops = panel[panel["method"] == method].groupby("budget")["top1_last"]
        accuracy = tops.agg(["mean", "std"]).reindex(budgets) * 100
        axis.errorbar(
            range(len(budgets)),
            accuracy["mean"],
            yerr=accuracy["std"],
            label=plain(method),
            marker="o",
            markersize=4,
            capsize=2,
            linewidth=1.4,
            color=colours[number % len(colours)],
        )
    axis.set_xticks(range(len(budgets)), budgets)
    axis.set_xlabel("budget")
    axis.grid(alpha=0.3)


def plain(name: str) -> str:
    """The name as matplotlib prints it unchanged: it reads a pair of dollars as a formula."""
    return name.replace("$", r"\$")


def save(figure: plt.Figure, path: Path) -> None:
    """Publish a figure in the format of the path's suffix, without a date: equal figures give equal bytes."""
    metadata = {"CreationDate": None} if path.suffix == ".pdf" else {"Software": None}
    with publish(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], dpi=150, bbox_inches="tight", metadata=metadata)
