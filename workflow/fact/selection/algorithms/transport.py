"""A filter that takes an image only where the training set then lies no further from the pool."""

import numpy as np

from fact.selection.algorithms.directions import random_directions

DIRECTIONS = 32


class TransportFilter:
    """Sliced Wasserstein-1 distance between the pool (N, D) and a growing set of its rows.

    ActiveDC's paper asks that the earth mover's distance to the pool does not grow; the sliced distance is
    its estimate: both sets fall on random directions, where the distance is exact.
    """

    def __init__(self, pool: np.ndarray, rows: np.ndarray, seed: int) -> None:
        self._shadows = pool @ random_directions(pool.shape[1], DIRECTIONS, seed)
        self._sorted = np.sort(self._shadows, axis=0)
        self._rows = rows.tolist()
        self.distance = self._measure(self._rows)

    def accepts(self, row: int) -> bool:
        """Return whether the distance does not grow by this row; if so the row is in the set from now on."""
        grown = self._measure([*self._rows, row])
        if grown > self.distance:
            return False
        self._rows.append(row)
        self.distance = grown
        return True

    def _measure(self, rows: list[int]) -> float:
        """Return mean over directions of ∫ |F⁻¹ - G⁻¹| between pool and rows, at the pool's N quantiles."""
        own = np.sort(self._shadows[rows], axis=0)
        quantile = (np.arange(len(self._sorted)) * len(rows)) // len(self._sorted)
        return float(np.abs(self._sorted - own[quantile]).mean(dtype=np.float64))
