"""Pools of features for the selectors' tests."""

import numpy as np


def clustered_pool(size: int, channels: int, clusters: int, seed: int = 0) -> np.ndarray:
    """(size, channels) float32: a mixture of Gaussians, as far apart as they are wide; norms differ."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((clusters, channels))
    noise = generator.standard_normal((size, channels))
    return (centres[generator.integers(clusters, size=size)] + noise).astype(np.float32)
