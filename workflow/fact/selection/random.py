"""Uniform random selection, the baseline of every table."""

import numpy as np

from fact.selection.contract import Selection, check_request


def select(features: np.ndarray, budget: int, seed: int) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D) uniformly without replacement; the scores are all 0.

    With one seed, a smaller budget's picks are the first picks of a larger one.
    """
    check_request(features, budget)
    indices = np.random.default_rng(seed).permutation(len(features))[:budget]
    return Selection(indices.astype(np.int64), np.zeros(budget, np.float32))
