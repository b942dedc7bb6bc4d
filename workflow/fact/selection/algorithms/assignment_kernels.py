"""Compiled inner loops of the candidate lists; they run without Python's lock, so that threads share a pool.

Arrays are float32, C-contiguous: ``pool`` (n, D) and ``centroids`` (B, D) of unit rows; ``lists`` (n, m)
int32 holds centroid numbers. Results go into the arrays named last.
"""

import numpy as np
from numba import njit

# finite, for the compiler is told that no number is infinite
BELOW_ANY_COSINE = np.float32(-1e30)


@njit(nogil=True, fastmath=True, cache=True)
def best_of_lists(
    centroids: np.ndarray,
    path: np.ndarray,
    pool: np.ndarray,
    lists: np.ndarray,
    bounds: np.ndarray,
    result: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Find the best centroid of each row's list; ``result``: ``nearest``, ``cosine`` and ``certain``, (n,)
    each.

    The cosine of centroid ``lists[i, k]`` is at most ``bounds[i, k] + path[lists[i, k]]``, and that of any
    other at most ``bounds[i, m] + path[B]``: ``certain`` (n,) says whether the best exceeds the latter.
    """
    nearest, cosine, certain = result
    size = lists.shape[1]
    for i in range(len(pool)):
        best, owner = BELOW_ANY_COSINE, lists[i, 0]
        for k in range(size):
            j = lists[i, k]
            if best > bounds[i, k] + path[j]:
                continue
            similarity = np.float32(0)
            for d in range(pool.shape[1]):
                similarity += pool[i, d] * centroids[j, d]
            if similarity > best or (similarity == best and j < owner):
                best, owner = similarity, j
        nearest[i], cosine[i] = owner, best
        certain[i] = best > bounds[i, size] + path[-1]


@njit(nogil=True, fastmath=True, cache=True)
def list_best(tile: np.ndarray, lists: np.ndarray, scores: np.ndarray) -> None:
    """List the m + 1 best values of each row of ``tile`` (n, B), in order, into ``scores`` (n, m + 1).

    The columns of the first m go into ``lists`` (n, m). What too few columns leave open is below any cosine.
    """
    size = lists.shape[1]
    column = np.zeros(size + 1, np.int32)
    for i in range(len(tile)):
        best = scores[i]
        best[:] = BELOW_ANY_COSINE
        for j in range(tile.shape[1]):
            value = tile[i, j]
            if value > best[size]:
                place = size
                while place > 0 and best[place - 1] < value:
                    best[place], column[place] = best[place - 1], column[place - 1]
                    place -= 1
                best[place], column[place] = value, j
        lists[i] = column[:size]


@njit(nogil=True, cache=True)
def group(nearest: np.ndarray, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows grouped by ``nearest`` (n,):
    centroid j's are ``order[bounds[j]:bounds[j + 1]]``, ascending.
    """
    bounds = np.zeros(budget + 1, np.int64)
    for j in nearest:
        bounds[j + 1] += 1
    bounds = np.cumsum(bounds)
    order, free = np.empty(len(nearest), np.int64), bounds[:-1].copy()
    for i in range(len(nearest)):
        order[free[nearest[i]]] = i
        free[nearest[i]] += 1
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
    """Sum, for each centroid j, over rows ``order[starts[j]:stops[j]]``: the sum of ``weights`` (n,) into
    ``mass`` (B,), and of weight x row into ``total`` (B, D)."""
    for j in range(len(mass)):
        mass[j], total[j] = 0, 0
        for i in order[starts[j] : stops[j]]:
            mass[j] += weights[i]
            for d in range(pool.shape[1]):
                total[j, d] += weights[i] * pool[i, d]
