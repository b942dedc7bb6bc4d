"""Score segmentations from one confusion matrix: IoU and accuracy by class, and their means."""

from typing import NamedTuple

import numpy as np

from fact.data.masks import IGNORE
from fact.infra.errors import DataError


class Scores(NamedTuple):
    """Shares in 0..1; NaN for a class where the quantity is undefined.

    ``iou (K,)`` is undefined for a class in neither truth nor prediction: a class that was never learnt, but
    stands in the truth, or is predicted where it is not, has 0. ``accuracy (K,)`` is undefined without truth.
    ``miou`` and ``macc`` are means over the classes where they are defined; ``aacc`` is over pixels.
    """

    iou: np.ndarray
    accuracy: np.ndarray
    miou: float
    macc: float
    aacc: float


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return counts of pixels, float64 (K, K): row is the true class, column the predicted one.

    ``truth`` and ``predicted`` are class positions of one shape; pixels whose truth is IGNORE do not count.
    Raises ValueError for a truth or prediction that is no class.
    """
    meant = truth != IGNORE
    true, guess = truth[meant].astype(np.int64), predicted[meant].astype(np.int64)
    if true.size and (max(true.max(), guess.max()) >= classes or guess.min() < 0):
        raise ValueError(f"pixels of class {max(true.max(), guess.max())} among {classes} classes")
    counts = np.bincount(true * classes + guess, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.float64)


def scores(matrix: np.ndarray) -> Scores:
    """Return the scores of a confusion matrix (K, K). Raises DataError for one without a pixel."""
    if not matrix.sum():
        raise DataError("no pixel of the test images has a class; there is nothing to measure on")
    hits, truth, guess = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    iou = _share(hits, truth + guess - hits)
    accuracy = _share(hits, truth)
    return Scores(
        iou,
        accuracy,
        miou=float(np.nanmean(iou)),
        macc=float(np.nanmean(accuracy)),
        aacc=float(hits.sum() / matrix.sum()),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
