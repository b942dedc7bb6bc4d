"""Margin sampling: buy where the two likeliest classes are closest (Scheffer et al., IDA 2001)."""

import numpy as np

from fact.selection.contract import Selection
from fact.selection.second_step_contract import check_step, largest_first


def select(
    features: np.ndarray, probabilities: np.ndarray, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return the images with the smallest margin; the score is 1 - margin. ``seed`` plays no part."""
    candidates = check_step(features, probabilities, labelled, budget=budget)
    second, first = np.sort(probabilities[candidates].astype(np.float64), axis=1)[:, -2:].T
    return largest_first(candidates, 1 - (first - second), budget)
