"""Nearest neighbours of all rows by cosine, with faiss: exact for small pools, by inverted lists for large
ones.

Johnson, Douze, Jégou, "Billion-scale similarity search with GPUs", 2019 (github.com/facebookresearch/faiss).
"""

from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from fact.infra.errors import ArtifactError

# all pairs of so many rows take two seconds on two cores
EXACT = 10_000
# lists: so many times the square root of the rows; a row looks into so many of them, the nearest
LISTS, PROBES = 4, 16


class Neighbours(NamedTuple):
    """Of every row the nearest others, nearest first: ``rows (N, k)`` int64 and ``cosines (N, k)`` float32.

    A row of −1 stands where no neighbour was found; its cosine is −1.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]


def nearest_neighbours(features: NDArray[np.floating], count: int) -> Neighbours:
    """Return the ``count`` nearest other rows of each row of ``features (N, D)``; fewer in a small pool.

    Rows of zeros are at cosine 0 from all others. Raises ArtifactError for features that are not finite.
    """
    units = _unit_rows(features)
    count = min(count, len(units) - 1)
    if count < 1:
        empty = np.empty((len(units), 0))
        return Neighbours(empty.astype(np.int64), empty.astype(np.float32))
    cosines, rows = _index(units).search(units, count + 1)
    return _without_self(rows, cosines)


def _unit_rows(features: NDArray[np.floating]) -> NDArray[np.float32]:
    if not np.isfinite(features).all():
        raise ArtifactError("neighbours: features hold NaN or infinity; extract them again")
    rows = np.ascontiguousarray(features, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _index(units: NDArray[np.float32]) -> faiss.Index:
    """Return a faiss index that holds the rows.

    Its clustering has a seed of its own: equal rows, equal index.
    """
    flat = faiss.IndexFlatIP(units.shape[1])
    if len(units) <= EXACT:
        flat.add(units)
        return flat
    index = faiss.IndexIVFFlat(
        flat, units.shape[1], int(LISTS * len(units) ** 0.5), faiss.METRIC_INNER_PRODUCT
    )
    index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = 64, 1
    index.nprobe = PROBES
    index.train(units)
    index.add(units)
    return index


def _without_self(rows: NDArray[np.int64], cosines: NDArray[np.float32]) -> Neighbours:
    """Take each row out of its own list; the last one goes where copies have pushed it out."""
    own = rows == np.arange(len(rows))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(rows), rows.shape[1] - 1)
    rows, cosines = rows[~own].reshape(shape), cosines[~own].reshape(shape)
    return Neighbours(rows, np.where(rows < 0, np.float32(-1), cosines))
