"""Greedy coverage with the whole kernel matrix, in float64."""

from functools import partial

import numpy as np
from fact.selection.selectors.maxherding import gaussian


def kernel_matrix(pool: np.ndarray, kernel: partial) -> np.ndarray:
    """In float64, from differences."""
    pool = pool.astype(np.float64)
    squared = ((pool[:, None] - pool[None]) ** 2).sum(axis=2)
    if kernel.func is gaussian:
        return np.exp(-squared / kernel.args[0] ** 2)
    return (np.sqrt(squared) < kernel.args[0]).astype(float)


def brute_force(matrix: np.ndarray, budget: int, labelled: list[int]) -> tuple[list[int], list[float]]:
    """Every gain for every pick, from the whole matrix."""
    cover = matrix[labelled].max(axis=0, initial=0)
    picks, gains = [], []
    for _ in range(budget):
        gain = np.maximum(matrix - cover, 0).mean(axis=1)
        gain[labelled + picks] = -1
        picks.append(int(gain.argmax()))
        gains.append(gain.max())
        cover = np.maximum(cover, matrix[picks[-1]])
    return picks, gains
