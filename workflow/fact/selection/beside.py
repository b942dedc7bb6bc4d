"""Whether images look like frames of a video: the most similar one has the name before or behind."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# images that are looked at, and how near by name, in the order of their folder, the most similar one may lie
SAMPLE, NEAR = 1000, 5
# of independent images about as many are so near as by chance; of video, and of one thing several times, most
MORE_THAN_CHANCE = 0.2


class Beside(NamedTuple):
    """The share of images whose most similar one is near by name, and the share expected by chance."""

    share: float
    chance: float

    @property
    def like_frames(self) -> bool:
        """Whether the images look like frames, or like several photographs of each thing."""
        return self.share > self.chance + MORE_THAN_CHANCE


def beside_by_name(features: np.ndarray, sample_ids: Sequence[str], seed: int = 0) -> Beside:
    """Return how often the most similar image, by ``features (N, D)``, is near by name in the same folder.

    Looks at 1,000 random images at most. Names count in their natural order, 2 before 10.
    """
    # torch, which a run that only reads the record does without
    from fact.selection.algorithms.pool import unit_rows

    count = len(sample_ids)
    rows = np.random.default_rng(seed).permutation(count)[:SAMPLE]
    if count < 2:
        return Beside(0.0, 0.0)
    folder = [str(PurePosixPath(name).parent) for name in sample_ids]
    place = np.empty(count, np.int64)
    place[sorted(range(count), key=lambda row: _natural(sample_ids[row]))] = np.arange(count)
    nearest = _most_similar(unit_rows(features), rows)
    near = [
        folder[row] == folder[other] and abs(place[row] - place[other]) <= NEAR
        for row, other in zip(rows, nearest, strict=True)
    ]
    sizes = Counter(folder)
    chance = [min(1.0, 2 * NEAR / max(sizes[folder[row]] - 1, 1)) for row in rows]
    return Beside(float(np.mean(near)), float(np.mean(chance)))


def _most_similar(pool: np.ndarray, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of the most similar other image for each of ``rows``."""
    best, nearest = np.full(len(rows), -np.inf, np.float32), np.zeros(len(rows), np.int64)
    from fact.selection.measures import BLOCK

    step = max(1, BLOCK // len(rows))
    for start in range(0, len(pool), step):
        block = pool[rows] @ pool[start : start + step].T
        own = np.flatnonzero((rows >= start) & (rows < start + block.shape[1]))
        block[own, rows[own] - start] = -np.inf
        place = block.argmax(1)
        value = block[np.arange(len(rows)), place]
        nearest = np.where(value > best, place + start, nearest)
        best = np.maximum(best, value)
    return nearest


def _natural(name: str) -> tuple[str, list[tuple[int, str]]]:
    """Return a key by which names of a folder lie together, and numbers in them by their value."""
    path = PurePosixPath(name)
    parts = re.findall(r"\d+|\D+", path.name)
    return str(path.parent), [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
