"""Uniform random selection, the baseline of every table."""

import numpy as np

from fact.selection.algorithms.draw import random_rows
from fact.selection.contract import Selection, check_request


def select(features: np.ndarray, budget: int, seed: int, *, bought: np.ndarray | None = None) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D) uniformly without replacement; the scores are all 0.

    With one seed, a smaller budget's picks are the first picks of a larger one. ``bought`` rows are left out.
    """
    bought = check_request(features, budget, bought)
    return Selection(random_rows(len(features), budget, seed, bought), np.zeros(budget, np.float32))
