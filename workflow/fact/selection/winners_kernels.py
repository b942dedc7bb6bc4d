"""Compiled inner loops of the candidate lists; they run without Python's lock, so that threads share a pool.

Arrays are float32, C-contiguous: ``pool`` (n, D) and ``centroids`` (B, D) of unit rows; ``lists`` (n, m)
int32 holds centroid numbers. Results go into the arrays named last.
"""

import numpy as np
from numba import njit

BELOW_ANY_COSINE = np.float32(-2)


@njit(nogil=True, fastmath=True, cache=True)
def best_of_lists(
    pool: np.ndarray, centroids: np.ndarray, lists: np.ndarray, winner: np.ndarray, cosine: np.ndarray
) -> None:
    """The best centroid of each row's list: number into ``winner`` (n,), cosine into ``cosine`` (n,)."""
    for i in range(len(pool)):
        winner[i], cosine[i] = lists[i, 0], BELOW_ANY_COSINE
        for j in lists[i]:
            similarity = np.float32(0)
            for d in range(pool.shape[1]):
                similarity += pool[i, d] * centroids[j, d]
            if similarity > cosine[i]:
                winner[i], cosine[i] = j, similarity


@njit(nogil=True, fastmath=True, cache=True)
def list_best(tile: np.ndarray, lists: np.ndarray, cosine: np.ndarray) -> None:
    """The m best columns of each row of ``tile`` (n, B), in order, into ``lists``; the best to ``cosine``."""
    size = lists.shape[1]
    best = np.empty(size, np.float32)
    for i in range(len(tile)):
        best[:] = BELOW_ANY_COSINE
        for j in range(tile.shape[1]):
            value = tile[i, j]
            if value > best[size - 1]:
                place = size - 1
                while place > 0 and best[place - 1] < value:
                    best[place], lists[i, place] = best[place - 1], lists[i, place - 1]
                    place -= 1
                best[place], lists[i, place] = value, j
        cosine[i] = best[0]


@njit(nogil=True, cache=True)
def group(winner: np.ndarray, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows grouped by ``winner`` (n,): centroid j's are ``order[bounds[j]:bounds[j + 1]]``, ascending."""
    bounds = np.zeros(budget + 1, np.int64)
    for j in winner:
        bounds[j + 1] += 1
    bounds = np.cumsum(bounds)
    order, free = np.empty(len(winner), np.int64), bounds[:-1].copy()
    for i in range(len(winner)):
        order[free[winner[i]]] = i
        free[winner[i]] += 1
    return order, bounds


@njit(nogil=True, fastmath=True, cache=True)
def weighted_sums(
    pool: np.ndarray,
    weights: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    stops: np.ndarray,
    mass: np.ndarray,
    total: np.ndarray,
) -> None:
    """For each centroid j, over rows ``order[starts[j]:stops[j]]``: the sum of ``weights`` (n,) into
    ``mass`` (B,), and of weight x row into ``total`` (B, D)."""
    for j in range(len(mass)):
        mass[j], total[j] = 0, 0
        for i in order[starts[j] : stops[j]]:
            mass[j] += weights[i]
            for d in range(pool.shape[1]):
                total[j, d] += weights[i] * pool[i, d]
