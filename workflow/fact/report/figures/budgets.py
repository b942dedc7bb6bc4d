"""Plot scores over the budget."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from fact.config.tables import TableSpec
from fact.report.figures.style import AXES, in_columns, label_ends, looks, plain, plt, save
from fact.report.palette import Style, method_styles

PLACE = ["dataset", "backbone", "selector"]
LEAST = 3
"""Budgets of a line; one or two are dots, a row for each method."""
PANEL, ROW = 2.3, 0.16
"""Inches of the height of a panel, and of a row of dots."""


def plot_budgets(scores: pd.DataFrame, spec: TableSpec, paths: Sequence[Path]) -> None:
    """Plot the score by budget, mean over seeds, bars of one sample sd: a line per method, named at its end.

    A panel for each dataset, backbone and selector; for each dataset and backbone alone, with a line for each
    row that the paper has too, where the table (``spec``) names its rows. One or two budgets are dots. The
    suffix of a path is its format; the same scores give the same bytes.
    """
    scores = _of_rows(scores, spec) if spec.labelled else scores
    scores = scores.assign(score=scores[spec.metrics[spec.headline]] * 100)
    styles = method_styles(map(str, scores["method"]))
    panels = _panels(scores)
    tallest = max((ROW * len(set(rows["method"])) for _, rows in panels), default=0.0)
    figure, axes = in_columns(len(panels), max(PANEL, tallest + 0.8))
    for (title, rows), axis in zip(panels, axes, strict=True):
        axis.set_title(plain(title), loc="left")
        draw = _lines if rows["budget"].nunique() >= LEAST else _dots
        draw(axis, rows, styles, AXES[spec.kind])
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


def _panels(scores: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return title and scores of each panel; dots have one for each budget."""
    panels = []
    for names, rows in scores.groupby(PLACE, sort=False):
        title = " · ".join(filter(None, map(str, names)))
        if rows["budget"].nunique() >= LEAST:
            panels.append((title, rows))
        else:
            panels += [(f"{title} · {budget}", here) for budget, here in rows.groupby("budget", sort=False)]
    return panels


def _lines(axis: plt.Axes, panel: pd.DataFrame, styles: Mapping[str, Style], name: str) -> None:
    budgets, methods = (list(dict.fromkeys(panel[column])) for column in ("budget", "method"))
    ends = []
    for number, method in enumerate(methods):
        means = (
            panel[panel["method"] == method].groupby("budget")["score"].agg(["mean", "std"]).reindex(budgets)
        )
        # beside each other, so that bars at one budget do not hide each other
        places = [place + 0.03 * (number - (len(methods) - 1) / 2) for place in range(len(budgets))]
        axis.errorbar(
            places,
            means["mean"],
            yerr=means["std"],
            markersize=3.5,
            linewidth=1.1,
            elinewidth=0.8,
            **looks(styles[method]),
        )
        ends.append((method, float(means["mean"].dropna().iloc[-1]), styles[method]))
    axis.set_xticks(range(len(budgets)), [plain(str(budget)) for budget in budgets])
    axis.set_xlabel("budget")
    axis.set_ylabel(name)
    axis.grid(axis="y")
    label_ends(axis, ends)


def _dots(axis: plt.Axes, panel: pd.DataFrame, styles: Mapping[str, Style], name: str) -> None:
    means = (
        panel.groupby("method", sort=False)["score"].agg(["mean", "std"]).sort_values("mean", kind="stable")
    )
    for place, (method, row) in enumerate(means.iterrows()):
        axis.errorbar(
            row["mean"], place, xerr=row["std"], markersize=4, elinewidth=1, **looks(styles[str(method)])
        )
    axis.set_yticks(range(len(means)), [plain(str(method)) for method in means.index])
    axis.set_ylim(-0.6, len(means) - 0.4)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel(name)
    axis.grid(axis="x")
