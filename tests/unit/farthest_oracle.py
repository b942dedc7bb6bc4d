"""Farthest-point traversal with the whole distance matrix."""

import numpy as np


def brute_force(pool: np.ndarray, centres: list[int], count: int) -> tuple[list[int], list[float]]:
    """By the whole distance matrix in float64."""
    squared = ((pool[:, None].astype(np.float64) - pool[None]) ** 2).sum(axis=2)
    chosen, radii = list(centres), []
    for _ in range(count):
        nearest = squared[:, chosen].min(axis=1)
        nearest[chosen] = -1
        chosen.append(int(nearest.argmax()))
        radii.append(nearest.max())
    return chosen[len(centres) :], radii
