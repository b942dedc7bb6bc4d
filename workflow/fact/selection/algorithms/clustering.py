"""K-Means of a pool: the same bytes from the same seed, on any number of threads."""

from typing import NamedTuple

import numpy as np
import torch

from fact.selection.algorithms.draw import Batches, random_rows
from fact.selection.algorithms.lloyd import Means, in_batches, nearest_centres, whole_pool
from fact.selection.algorithms.spread import spread_rows

# rows that k-means++ looks at, in all or per cluster. A start from a part of the pool costs little: the steps
# that follow see all of it (scikit-learn's MiniBatchKMeans takes 3 per cluster)
START_ROWS, START_ROWS_EACH = 50_000, 10


class Clusters(NamedTuple):
    """A partition of the pool; where it has fewer distinct images than clusters, some have no member."""

    centres: np.ndarray  # (count, D) float32
    owner: np.ndarray  # (N,) int64, each image's cluster


def cluster(
    pool: torch.Tensor,
    count: int,
    seed: int,
    *,
    iterations: int = 100,
    batch_size: int | None = None,
    restarts: int = 1,
    sample: int | None = None,
) -> Clusters:
    """Partition ``pool`` (N, D) float32, on any device, into ``count`` <= N clusters.

    The partition of the least inertia of ``restarts`` is taken. Centres start by k-means++. Lloyd's
    ``iterations`` take the whole pool, or, with a ``batch_size``, that many random images at a time. With
    ``sample``, at most so many random images per cluster are clustered, and the others go to the nearest
    centre, as in faiss. No (N, count) array is made.
    """
    none = np.array([], np.int64)
    rows = random_rows(len(pool), len(pool) if sample is None else sample * count, seed, labelled=none)
    part = pool if len(rows) == len(pool) else _rows(pool, np.sort(rows))
    fits = (
        _fit(part, count, [seed, restart] if restart else seed, iterations, batch_size)
        for restart in range(restarts)
    )
    best = min(fits, key=lambda means: means.inertia)
    owner = best.owner if part is pool else nearest_centres(pool, best.centres)[0]
    return Clusters(best.centres.cpu().numpy(), owner.cpu().numpy())


def _fit(
    pool: torch.Tensor, count: int, seed: int | list[int], iterations: int, batch_size: int | None
) -> Means:
    generator = np.random.default_rng(seed)
    size = max(START_ROWS, START_ROWS_EACH * count)
    rows = np.arange(len(pool))
    if size < len(pool):
        rows = np.sort(generator.choice(len(pool), size, replace=False))
    rows = rows[spread_rows(_rows(pool, rows).cpu(), count, generator)]
    start = _rows(pool, rows)
    if batch_size is None or batch_size >= len(pool):
        return whole_pool(pool, start, iterations)
    return in_batches(pool, start, iterations, Batches(len(pool), batch_size, int(generator.integers(2**31))))


def _rows(pool: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
    return pool[torch.from_numpy(rows).to(pool.device)]
