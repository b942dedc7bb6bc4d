"""Farthest-point traversal (Gonzalez 1985): each pick is the pool image farthest from all picks before it."""

import numpy as np
from numba import njit

PICKED = np.float32(-1)  # the bound of a row that is a centre: below every distance
UNKNOWN = np.finfo(np.float32).max


def farthest_first(pool: np.ndarray, centres: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the next ``count`` rows of ``pool`` (N, D) float32 after the rows ``centres``, one or more.

    Each has the largest distance to its nearest centre or earlier pick; between equal ones the lowest row is
    taken, once. Gives the rows (count,) int64 and those squared distances (count,) float32, never increasing.
    Memory is O(N): distances are computed one by one, from differences, so that equal rows are at distance 0.

    Exact without looking at every row for every pick: a row's known distance to the centres that it has been
    compared with bounds its distance to all of them, and a row whose bound is below the best candidate's
    distance is left alone.
    """
    order = np.concatenate([centres, np.empty(count, np.int64)]).astype(np.int64)
    bound = np.full(len(pool), UNKNOWN, np.float32)
    bound[centres] = PICKED
    squared = np.empty(count, np.float32)
    _traverse(pool, order, len(centres), bound=bound, compared=np.zeros(len(pool), np.int64), squared=squared)
    return order[len(centres) :], squared


@njit(cache=True)
def _traverse(
    pool: np.ndarray,
    order: np.ndarray,
    known: int,
    bound: np.ndarray,
    compared: np.ndarray,
    squared: np.ndarray,
) -> None:
    """Fill ``order`` (known + count,) from ``known`` on, and ``squared`` (count,).

    ``bound[i]`` is row i's squared distance to the nearest of the first ``compared[i]`` rows of ``order``.
    """
    likely = 0  # the last pick's runner-up: starting from a far row spares comparing the others
    for rank in range(known, len(order)):
        _lower(pool, order, rank, bound=bound, compared=compared, i=likely, enough=PICKED)
        best, runner_up, far = likely, likely, bound[likely]
        for i in range(len(pool)):
            if bound[i] > far or (bound[i] == far and i < best):
                _lower(pool, order, rank, bound=bound, compared=compared, i=i, enough=far)
                if bound[i] > far or (bound[i] == far and i < best):
                    best, runner_up, far = i, best, bound[i]
        order[rank], squared[rank - known] = best, far
        bound[best], likely = PICKED, runner_up


@njit(fastmath=True, cache=True)
def _lower(
    pool: np.ndarray,
    order: np.ndarray,
    rank: int,
    bound: np.ndarray,
    compared: np.ndarray,
    i: int,
    enough: np.float32,
) -> None:
    """Compare row i with the centres that are new to it, until its bound falls below ``enough``."""
    while compared[i] < rank and bound[i] >= enough:
        centre, distance = order[compared[i]], np.float32(0)
        for d in range(pool.shape[1]):
            difference = pool[i, d] - pool[centre, d]
            distance += difference * difference
        bound[i] = min(bound[i], distance)
        compared[i] += 1
