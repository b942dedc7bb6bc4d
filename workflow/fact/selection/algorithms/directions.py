"""Random directions, along which sets of vectors are compared."""

import numpy as np


def random_directions(dim: int, count: int, seed: int) -> np.ndarray:
    """Return unit vectors drawn uniformly, the columns of a float32 (dim, count)."""
    drawn = np.random.default_rng(seed).standard_normal((dim, count))
    return (drawn / np.linalg.norm(drawn, axis=0)).astype(np.float32)
