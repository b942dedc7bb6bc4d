"""Images that are copies but for their bytes: stored again, scaled, or a little lighter."""

import numpy as np
from numpy.typing import NDArray

from fact.data.appearance import COPY_SIDE
from fact.infra.needed import needed

# of 255: no value of the 16 × 16 pixels of two copies differs by more. Stored again as JPEG at quality 40, or
# scaled to two thirds, 300 photographs of streets (CamVid) differed by 6 at most; frames a second apart by 8
TOLERANCE = 6
# pixels are averaged over squares of this side for a first look, which a tree answers
SQUARE = 8
# images whose neighbours are asked for at once
CHUNK = 512


def near_copies(copies: NDArray[np.uint8], tolerance: int = TOLERANCE) -> NDArray[np.int64]:
    """Return for each image (N,) the first image before it that it is a copy of, itself where there is none.

    ``copies (N, 768)`` are those of :class:`fact.data.appearance.Appearance`. An image is compared with those
    that are no copies themselves, so that a chain of small changes does not join what is different.
    """
    from scipy.spatial import cKDTree

    values, first = copies.astype(np.int16), np.arange(len(copies))
    means = _means(copies)
    # the means of copies differ by no more than their pixels do
    tree = cKDTree(means) if len(copies) else None
    for start in range(0, len(copies), CHUNK):
        part = means[start : start + CHUNK]
        found = needed(tree, "tree").query_ball_point(part, tolerance, p=np.inf, return_sorted=True)
        for row, near in enumerate(found, start=start):
            rivals = np.asarray(near)[: np.searchsorted(near, row)]
            rivals = rivals[first[rivals] == rivals]
            same = rivals[(np.abs(values[rivals] - values[row]) <= tolerance).all(1)]
            first[row] = same[0] if len(same) else row
    return first


def _means(copies: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean colours (N, 12) of the squares of each image."""
    parts = COPY_SIDE // SQUARE
    pixels = copies.reshape(-1, parts, SQUARE, parts, SQUARE, 3)
    return pixels.mean((2, 4)).reshape(len(copies), parts * parts * 3)
