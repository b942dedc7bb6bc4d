"""The record of a segmentation's score, and the segmentations that are shown."""

from collections.abc import Sequence

import numpy as np

from fact.data.mask_index import names_of
from fact.tasks.classification.score import json_numbers
from fact.tasks.segmentation.metrics import scores


def score_record(
    setting: dict,
    matrix: np.ndarray,
    test_images: int,
    classes: Sequence[str],
    seen: np.ndarray,
    *,
    parameters: dict[str, int],
    history: list[dict],
    details: dict | None = None,
) -> dict:
    """The content of score.json: the same job gives the same bytes. ``matrix`` is the confusion (K, K).

    ``miou_last``, ``macc_last`` and ``aacc_last`` are the headline, after the last iteration. By class, null
    is where a share is undefined. A class without a pixel in the labelled masks (``seen (K,)``) cannot be
    learnt; it counts with 0 where it stands in the truth, and is named.
    """
    found = scores(matrix)
    return {
        "setting": json_numbers(setting),
        "miou_last": found.miou,
        "macc_last": found.macc,
        "aacc_last": found.aacc,
        "iou": _by_class(classes, found.iou),
        "accuracy": _by_class(classes, found.accuracy),
        "classes_not_labelled": names_of(classes, seen == 0),
        "classes_not_in_test": names_of(classes, matrix.sum(1) == 0),
        "test_images": test_images,
        "parameters": parameters,
        "history": history,
        "details": json_numbers(details or {}),
    }


def _by_class(classes: Sequence[str], values: np.ndarray) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else float(value) for name, value in zip(classes, values, strict=True)
    }
