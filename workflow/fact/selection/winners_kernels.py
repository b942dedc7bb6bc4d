"""Compiled inner loops of the candidate lists. Each works on one block without Python's lock, for threads.

float32 throughout; ``pool`` (N, D) and ``centroids`` (B, D) have unit rows, ``lists`` (N, m) holds int32
centroid numbers. Work on rows (or centroids) start..stop only, and writes to nothing outside them.
"""

import numpy as np
from numba import njit

BELOW_ANY_COSINE = np.float32(-2)


@njit(nogil=True, fastmath=True, cache=True)
def best_of_lists(
    pool: np.ndarray,
    centroids: np.ndarray,
    lists: np.ndarray,
    winner: np.ndarray,
    cosine: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """The best of each row's list: its number into ``winner`` (N,), its cosine into ``cosine`` (N,)."""
    for i in range(start, stop):
        winner[i], cosine[i] = lists[i, 0], BELOW_ANY_COSINE
        for j in lists[i]:
            similarity = np.float32(0)
            for d in range(pool.shape[1]):
                similarity += pool[i, d] * centroids[j, d]
            if similarity > cosine[i]:
                winner[i], cosine[i] = j, similarity


@njit(nogil=True, fastmath=True, cache=True)
def list_best(tile: np.ndarray, lists: np.ndarray, cosine: np.ndarray, start: int, stop: int) -> None:
    """The m best columns of each row of ``tile`` (n, B), best first, into ``lists`` (n, m); the best's value
    into ``cosine`` (n,)."""
    size = lists.shape[1]
    best = np.empty(size, np.float32)
    for i in range(start, stop):
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
    """Rows by ``winner`` (N,) in ``order`` (N,); centroid j's are ``order[bounds[j]:bounds[j + 1]]``, ascending."""
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
    bounds: np.ndarray,
    mass: np.ndarray,
    total: np.ndarray,
    start: int,
    stop: int,
) -> None:
    """Over each centroid's rows (see ``group``): the sum of ``weights`` (N,) into ``mass`` (B,), and of
    weight x row into ``total`` (B, D)."""
    for j in range(start, stop):
        mass[j], total[j] = 0, 0
        for i in order[bounds[j] : bounds[j + 1]]:
            mass[j] += weights[i]
            for d in range(pool.shape[1]):
                total[j, d] += weights[i] * pool[i, d]
