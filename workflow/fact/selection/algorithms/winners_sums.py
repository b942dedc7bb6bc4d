"""Weighted sums of rows by winner, compiled."""

import numpy as np

from fact.selection.algorithms import winners_kernels as kernels
from fact.selection.algorithms.threads import Each, in_parts


def sums_by_winner(
    pool: np.ndarray, weights: np.ndarray, winner: np.ndarray, budget: int, each: Each
) -> tuple[np.ndarray, np.ndarray]:
    """For each centroid, over its rows of ``pool`` (n, D): sum of ``weights`` (budget,), of weight x row
    (budget, D); all float32.

    A fixed order within each centroid, and one thread a centroid, fix the order of every sum.
    """
    order, bounds = kernels.group(winner, budget)
    mass, total = np.empty(budget, np.float32), np.empty((budget, pool.shape[1]), np.float32)
    ends = bounds[1:]

    def add(part: slice) -> None:
        kernels.weighted_sums(pool, weights, order, bounds[part], ends[part], mass[part], total[part])

    in_parts(each, add, budget, 64)
    return mass, total
