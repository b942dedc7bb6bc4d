"""Labels that are worth a second look, from out-of-fold probabilities.

Confident learning (Northcutt et al., JAIR 2021): a class is *confidently* another one's when its probability
reaches what that class has on average where it is the label, so that classes the model is unsure of do not
drown the others. Such images are listed, the least believable label first. A model of few labels is often
wrong where the label is right: the list says what to look at, and nothing is changed.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fact.infra.files.csv_file import csv_text
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("sample_id", "path", "label", "suggested", "label_probability", "suggested_probability")


class LabelIssue(NamedTuple):
    """A label that the predictions speak against: positions in the labelled set and among the classes."""

    row: int
    label: int
    suggested: int
    label_probability: float
    suggested_probability: float


def label_issues(probabilities: np.ndarray, labels: np.ndarray) -> list[LabelIssue]:
    """Return issues of ``labels (n,)`` by ``probabilities (n, K)``, rows of NaN where nothing was held
    out.
    """
    known = np.flatnonzero(~np.isnan(probabilities).any(1))
    thresholds = _thresholds(probabilities[known], labels[known])
    issues = [
        _issue(row, probabilities[row], int(labels[row]), thresholds=thresholds) for row in known.tolist()
    ]
    result = [issue for issue in issues if issue is not None]
    return sorted(
        result, key=lambda issue: (issue.label_probability - issue.suggested_probability, issue.row)
    )


def _thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return mean probability (K,) of each class on its own images; infinite for a class that has none."""
    thresholds = np.full(probabilities.shape[1], np.inf)
    for label in np.unique(labels):
        thresholds[label] = probabilities[labels == label, label].mean()
    return thresholds


def _issue(row: int, probabilities: np.ndarray, label: int, thresholds: np.ndarray) -> LabelIssue | None:
    confident = np.where(probabilities >= thresholds, probabilities, -np.inf)
    suggested = int(confident.argmax())
    if suggested == label or confident[suggested] <= probabilities[label]:
        return None
    return LabelIssue(
        int(row),
        label,
        suggested,
        label_probability=float(probabilities[label]),
        suggested_probability=float(probabilities[suggested]),
    )


def write_label_issues(
    path: Path, issues: Iterable[LabelIssue], rows: "pd.DataFrame", classes: Sequence[str]
) -> None:
    """Publish the issues, the least believable label first; cells cannot be taken for formulas."""
    lines = [[escape_formula(cell) for cell in _cells(issue, rows, classes)] for issue in issues]
    publish_text(path, csv_text([COLUMNS, *lines], quote_all=True))


def _cells(issue: LabelIssue, rows: "pd.DataFrame", classes: Sequence[str]) -> list[str]:
    row = rows.iloc[issue.row]
    names = [classes[issue.label], classes[issue.suggested]]
    numbers = [f"{issue.label_probability:.3f}", f"{issue.suggested_probability:.3f}"]
    return [row["sample_id"], row["locator"], *names, *numbers]
