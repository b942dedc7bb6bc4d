"""Bootstrap intervals (Efron & Tibshirani 1993) of differences that come in groups."""

from collections.abc import Sequence

import numpy as np


def paired_interval(
    groups: Sequence[np.ndarray], seed: int, *, share: float = 0.95, draws: int = 10_000
) -> tuple[float, float]:
    """Return percentile interval of the mean over groups of each group's mean difference.

    ``groups``: the differences of one cell's seeds each, (n,) float. Each draw takes as many groups with
    replacement, and as many differences within each that it took; a group of one keeps its difference.
    With one group the interval is over its seeds alone. Raises ValueError without a group or with an
    empty one.
    """
    if not groups or any(len(group) == 0 for group in groups):
        raise ValueError("a bootstrap needs at least one difference in every group")
    rng = np.random.default_rng(seed)
    means = np.zeros(draws)
    for taken in rng.integers(len(groups), size=(len(groups), draws)):
        # all draws that took the same group at once
        for number, group in enumerate(groups):
            here = np.flatnonzero(taken == number)
            picks = rng.integers(len(group), size=(len(here), len(group)))
            means[here] += np.asarray(group)[picks].mean(axis=1)
    tail = (1 - share) / 2
    low, high = np.quantile(means / len(groups), [tail, 1 - tail])
    return float(low), float(high)
