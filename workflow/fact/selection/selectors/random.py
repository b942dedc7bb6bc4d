"""Uniform random selection, the baseline of every table."""

import numpy as np

from fact.selection.algorithms.draw import random_rows
from fact.selection.contract import Selection, check_request


def select(features: np.ndarray, budget: int, seed: int, *, labelled: np.ndarray | None = None) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D) uniformly without replacement; the scores are all 0.

    With one seed, a smaller budget's picks are the first picks of a larger one. ``labelled`` rows are left
    out.
    """
    labelled = check_request(features, budget, labelled)
    return Selection(
        random_rows(len(features), budget, seed, labelled=labelled), np.zeros(budget, np.float32)
    )
