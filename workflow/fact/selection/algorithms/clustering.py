"""K-Means of a pool of unit rows: the same bytes from the same seed, on any number of threads."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits


class Clusters(NamedTuple):
    """A partition of the pool; where it has fewer distinct images than clusters, some have no member."""

    centres: np.ndarray  # (count, D) float32
    owner: np.ndarray  # (N,) int64, each image's cluster


def cluster(
    pool: np.ndarray, count: int, seed: int, *, iterations: int = 100, batch_size: int | None = None
) -> Clusters:
    """Partition ``pool`` (N, D) float32 into ``count`` <= N clusters, by scikit-learn.

    Centres start by k-means++; Lloyd's ``iterations`` take the whole pool, or, with a ``batch_size``, that
    many random images at a time (Sculley, WWW 2010). Distances are taken in chunks: no (N, count) array.
    """
    kind = KMeans if batch_size is None else MiniBatchKMeans
    size = {} if batch_size is None else {"batch_size": batch_size}
    start = spread_rows(pool, count, np.random.default_rng(seed))
    # several threads would add their sums in the order in which they end
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # copies of images leave clusters empty
        means = kind(count, init=pool[start], n_init=1, max_iter=iterations, random_state=seed, **size)
        owner = means.fit(pool).labels_
    return Clusters(means.cluster_centers_, owner.astype(np.int64))


def spread_rows(pool: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return ``count`` rows of ``pool`` (N, D) of unit norm, far from each other: k-means++.

    Source: Arthur & Vassilvitskii, SODA 2007: each row is drawn with the probability of its squared distance
    to those drawn before. scikit-learn's own draws alike but converts the pool to float64 for every centre.
    """
    rows = np.empty(count, np.int64)
    squared = np.ones(len(pool), np.float32)
    for rank in range(count):
        mass = np.cumsum(squared, dtype=np.float64)
        if mass[-1] == 0:  # nothing but copies is left
            squared, mass = np.ones_like(squared), np.arange(1.0, len(pool) + 1)
        rows[rank] = min(np.searchsorted(mass, generator.random() * mass[-1], side="right"), len(pool) - 1)
        nearest = np.maximum(2 - 2 * (pool @ pool[rows[rank]]), 0)
        squared = nearest if rank == 0 else np.minimum(squared, nearest)
    return rows
