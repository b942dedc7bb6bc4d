"""Entropy sampling: buy where the model is least sure (Shannon's entropy of its probabilities, in nats)."""

import numpy as np

from fact.selection.contract import Selection
from fact.selection.second_step_contract import check_step, largest_first


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Return -Σ p log p of each row (N, K), float64 (N,); 0 log 0 is 0."""
    exact = probabilities.astype(np.float64)
    return -(exact * np.log(np.maximum(exact, np.finfo(np.float64).tiny))).sum(axis=1)


def select(
    features: np.ndarray, probabilities: np.ndarray, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return the images with the largest entropy, which is the score. ``seed`` plays no part."""
    candidates = check_step(features, probabilities, labelled, budget=budget)
    return largest_first(candidates, entropy(probabilities[candidates]), budget)
