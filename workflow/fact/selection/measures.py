"""How well picks stand for their pool, from features alone: no label says which selection is good."""

import numpy as np

from fact.selection.algorithms.directions import random_directions
from fact.selection.algorithms.pool import unit_rows

# elements of a block of similarities, so that memory stays at 128 MiB for any pool and budget
BLOCK = 2**25
TWINS = 0.99
DIRECTIONS = 64


def measure_selection(features: np.ndarray, indices: np.ndarray, seed: int = 0) -> dict[str, float]:
    """Measure the picks ``indices`` (B,) among pool features (N, D), all on rows of unit length.

    ``mean_distance``, ``max_distance``: Euclidean distance of a pool image to its nearest pick, the mean is
    the "Distance" of BiLAF (NeurIPS 2024, Table 7), the maximum the covering radius of CoreSet.
    ``diversity``: mean distance of a pick to the nearest other pick; 0 for one pick.
    ``transport``: sliced Wasserstein-1 distance between pool and picks over 64 random directions, an estimate
    of the earth mover's distance up to a factor that depends on D alone.
    ``twins``: picks whose cosine to another pick is at least 0.99.
    """
    pool = unit_rows(features)
    picks = pool[indices]
    distances = _distance(nearest_similarity(pool, picks))
    among = nearest_similarity(picks, picks, but_itself=True) if len(picks) > 1 else np.ones(1, np.float32)
    return {
        "mean_distance": float(distances.mean(dtype=np.float64)),
        "max_distance": float(distances.max()),
        "diversity": float(_distance(among).mean(dtype=np.float64)),
        "transport": sliced_transport(pool, picks, seed),
        "twins": int((among >= TWINS).sum()) if len(picks) > 1 else 0,
    }


def nearest_similarity(rows: np.ndarray, picks: np.ndarray, but_itself: bool = False) -> np.ndarray:
    """Return largest dot product of each row (N, D) with any of ``picks`` (B, D), float32 (N,).

    ``but_itself``: row i and pick i are the same image, which is not asked for.
    """
    step = max(1, BLOCK // len(picks))
    nearest = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), step):
        block = rows[start : start + step] @ picks.T
        if but_itself:
            own = np.arange(len(block))
            block[own, start + own] = -np.inf
        nearest[start : start + step] = block.max(axis=1)
    return nearest


def sliced_transport(pool: np.ndarray, picks: np.ndarray, seed: int) -> float:
    """Return mean Wasserstein-1 distance of the two sets of rows along random directions of unit length."""
    from scipy.stats import wasserstein_distance

    directions = random_directions(pool.shape[1], DIRECTIONS, seed)
    shadows = zip((pool @ directions).T, (picks @ directions).T, strict=True)
    return float(np.mean([wasserstein_distance(*pair) for pair in shadows]))


def _distance(similarity: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance of unit vectors from their dot product."""
    return np.sqrt(np.maximum(2 - 2 * similarity, 0))
