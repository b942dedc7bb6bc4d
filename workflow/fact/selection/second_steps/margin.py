"""Margin sampling: buy where the two likeliest classes are closest (Scheffer et al., IDA 2001)."""

import numpy as np

from fact.selection.contract import Selection
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import check_step, largest_first


def margin(probabilities: np.ndarray) -> np.ndarray:
    """Return the largest less the second largest of each row (n, K), float64 (n,)."""
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].astype(np.float64).T
    return first - second


def select(
    features: np.ndarray, probabilities: Probabilities, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return the images with the smallest margin; the score is 1 - margin. ``seed`` plays no part."""
    candidates = check_step(features, probabilities, labelled, budget=budget)
    scores = probabilities.per_image(lambda block, _: 1 - margin(block), candidates)
    return largest_first(candidates, scores, budget)
