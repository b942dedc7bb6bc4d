"""Metrics of segmentation for a score record."""

from collections.abc import Sequence

import numpy as np

from fact.data.mask_index import names_of
from fact.tasks.segmentation.metrics import scores


def segmentation_metrics(matrix: np.ndarray, classes: Sequence[str], seen: np.ndarray) -> dict[str, object]:
    """Return the metrics of a confusion matrix (K, K) as plain JSON types.

    ``miou_last``, ``macc_last`` and ``aacc_last`` are the headline, after the last iteration. By class, None
    is where a share is undefined. A class without a pixel in the labelled masks (``seen (K,)``) cannot be
    learnt; it counts with 0 where it stands in the truth, and is named.
    """
    result = scores(matrix)
    return {
        "miou_last": result.miou,
        "macc_last": result.macc,
        "aacc_last": result.aacc,
        "iou": _by_class(classes, result.iou),
        "accuracy": _by_class(classes, result.accuracy),
        "classes_not_labelled": names_of(classes, seen == 0),
        "classes_not_in_test": names_of(classes, matrix.sum(1) == 0),
    }


def _by_class(classes: Sequence[str], values: np.ndarray) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else float(value) for name, value in zip(classes, values, strict=True)
    }
