"""Entropy sampling: buy where the model is least sure (Shannon's entropy of its probabilities, in nats)."""

import numpy as np

from fact.selection.contract import Selection
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import check_step, largest_first


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Return -Σ p log p of each row (n, K), float64 (n,); 0 log 0 is 0."""
    exact = probabilities.astype(np.float64)
    logarithm = np.log(np.maximum(exact, np.finfo(np.float64).tiny))
    return -np.einsum("nk,nk->n", exact, logarithm)


def select(
    features: np.ndarray, probabilities: Probabilities, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return the images with the largest entropy, which is the score. ``seed`` plays no part."""
    candidates = check_step(features, probabilities, labelled, budget=budget)
    scores = probabilities.per_image(lambda block, _: entropy(block), candidates)
    return largest_first(candidates, scores, budget)
