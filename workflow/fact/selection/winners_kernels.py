"""Compiled inner loops of the candidate lists; each works on one block, so that blocks can run in threads."""

import numpy as np
from numba import njit

BELOW_ANY_COSINE = np.float32(-2)


@njit(nogil=True, fastmath=True, cache=True)
def best_of_lists(
    pool: np.ndarray,
    centroids: np.ndarray,
    lists: np.ndarray,
    start: int,
    stop: int,
    winner: np.ndarray,
    cosine: np.ndarray,
) -> None:
    """Score rows start..stop of ``pool`` (N, D) on the centroids in their ``lists`` (N, m); keep the best."""
    for i in range(start, stop):
        best, best_cosine = lists[i, 0], BELOW_ANY_COSINE
        for j in lists[i]:
            similarity = np.float32(0)
            for d in range(pool.shape[1]):
                similarity += pool[i, d] * centroids[j, d]
            if similarity > best_cosine:
                best, best_cosine = j, similarity
        winner[i], cosine[i] = best, best_cosine


@njit(nogil=True, fastmath=True, cache=True)
def list_best(tile: np.ndarray, start: int, stop: int, lists: np.ndarray, cosine: np.ndarray) -> None:
    """Rows start..stop of ``tile`` (n, B) of cosines: the m best columns, best first, into ``lists`` (n, m)."""
    size = lists.shape[1]
    top = np.empty(size, np.float32)
    for i in range(start, stop):
        top[:] = BELOW_ANY_COSINE
        for j in range(tile.shape[1]):
            value = tile[i, j]
            if value > top[size - 1]:
                place = size - 1
                while place > 0 and top[place - 1] < value:
                    top[place], lists[i, place] = top[place - 1], lists[i, place - 1]
                    place -= 1
                top[place], lists[i, place] = value, j
        cosine[i] = top[0]


@njit(nogil=True, fastmath=True, cache=True)
def weighted_sums(
    pool: np.ndarray,
    weights: np.ndarray,
    order: np.ndarray,
    bounds: np.ndarray,
    start: int,
    stop: int,
    mass: np.ndarray,
    total: np.ndarray,
) -> None:
    """For centroids start..stop, sum ``weights`` and weight x row over rows ``order[bounds[j]:bounds[j+1]]``."""
    for j in range(start, stop):
        mass[j], total[j] = 0, 0
        for i in order[bounds[j] : bounds[j + 1]]:
            mass[j] += weights[i]
            for d in range(pool.shape[1]):
                total[j, d] += weights[i] * pool[i, d]
