"""Labels that are worth a second look, from out-of-fold probabilities.

Confident learning (Northcutt et al., JAIR 2021): a class is *confidently* another one's when its probability
reaches what that class has on average where it is the label, so that classes the model is unsure of do not
drown the others. Such images are listed, the least believable label first. A model of few labels is often
wrong where the label is right: the list says what to look at, and nothing is changed.
"""

from typing import NamedTuple

import numpy as np


class Doubt(NamedTuple):
    """A label that the others speak against: positions in the labelled set and among the classes."""

    row: int
    label: int
    suggested: int
    label_probability: float
    suggested_probability: float


def doubtful_labels(probabilities: np.ndarray, labels: np.ndarray) -> list[Doubt]:
    """Doubts on ``labels (n,)`` by ``probabilities (n, K)``, rows of NaN where nothing was held out."""
    known = np.flatnonzero(~np.isnan(probabilities).any(1))
    thresholds = _thresholds(probabilities[known], labels[known])
    doubts = [_doubt(row, probabilities[row], int(labels[row]), thresholds) for row in known]
    found = [doubt for doubt in doubts if doubt is not None]
    return sorted(found, key=lambda doubt: (doubt.label_probability - doubt.suggested_probability, doubt.row))


def _thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean probability (K,) of each class on its own images; infinite for a class that has none."""
    thresholds = np.full(probabilities.shape[1], np.inf)
    for label in np.unique(labels):
        thresholds[label] = probabilities[labels == label, label].mean()
    return thresholds


def _doubt(row: int, probabilities: np.ndarray, label: int, thresholds: np.ndarray) -> Doubt | None:
    confident = np.where(probabilities >= thresholds, probabilities, -np.inf)
    suggested = int(confident.argmax())
    if suggested == label or confident[suggested] <= probabilities[label]:
        return None
    return Doubt(int(row), label, suggested, float(probabilities[label]), float(probabilities[suggested]))
