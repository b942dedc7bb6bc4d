"""FreeSel: k-means++ on the semantic patterns of images, a few local vectors each.

Source: Xie et al., "Towards Free Data Selection with General-Purpose Models", NeurIPS 2023, and the released
code of its earlier version (github.com/yichen928/FreeSel). Patterns are made by ``fact.backbones.patterns``.
"""

import numpy as np

from fact.infra.errors import ConfigError
from fact.selection.algorithms.pool import unit_rows
from fact.selection.contract import Selection, check_request

SAMPLINGS = ("squared", "farthest")


def select(
    features: np.ndarray,
    budget: int,
    seed: int,
    *,
    patterns: np.ndarray | None = None,
    sampling: str = "squared",
    labelled: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows by their ``patterns`` (N, K, C); None: one per image, its ``features`` (N, D).

    The first image is random. Each further one owns the pattern that is drawn with the probability of its
    squared cosine distance to the patterns of all images taken so far (``squared``), or the one that is
    farthest from them (``farthest``); the score is this distance, 1 for a first image. Patterns of
    ``labelled`` images are taken from the start. Where nothing but copies is left, the lowest rows follow.
    Raises ConfigError for a budget, features, patterns or a sampling that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    if sampling not in SAMPLINGS:
        raise ConfigError(f"freesel: sampling '{sampling}' is unknown; write one of {', '.join(SAMPLINGS)}")
    patterns = features[:, None] if patterns is None else patterns
    if patterns.ndim != 3 or len(patterns) != len(features):
        raise ConfigError(f"freesel: patterns {patterns.shape} for {len(features)} images; give (N, K, C)")
    distances = PatternDistances(patterns)
    generator = np.random.default_rng(seed)
    for row in labelled:
        distances.take(int(row))
    picks: list[int] = []
    scores: list[float] = []
    while len(picks) < budget:
        row, score = _next(distances, sampling, generator)
        distances.take(row)
        picks.append(row)
        scores.append(score)
    return Selection(np.array(picks, np.int64), np.array(scores, np.float32))


class PatternDistances:
    """Cosine distance of every pattern (N, K) to the nearest pattern of the images taken so far."""

    def __init__(self, patterns: np.ndarray) -> None:
        self._rows = unit_rows(patterns.reshape(-1, patterns.shape[2]))
        self._count = patterns.shape[1]
        self._free = np.ones(len(patterns), bool)
        self.nearest: np.ndarray = np.ones(patterns.shape[:2], np.float32)

    @property
    def free(self) -> np.ndarray:
        """Rows of the images that are not taken."""
        return np.flatnonzero(self._free)

    @property
    def untouched(self) -> bool:
        """Whether no image is taken."""
        return bool(self._free.all())

    def take(self, row: int) -> None:
        """Take an image with all its patterns."""
        own = self._rows[row * self._count : (row + 1) * self._count]
        away = np.maximum(1 - (self._rows @ own.T).max(axis=1), 0).reshape(self.nearest.shape)
        # up to 2 where vectors point apart, so that the first image replaces what stands there
        self.nearest = away if self.untouched else np.minimum(self.nearest, away)
        self._free[row] = False
        self.nearest[~self._free] = 0


def _next(distances: PatternDistances, sampling: str, generator: np.random.Generator) -> tuple[int, float]:
    """Return the image to take and the distance of the pattern that it is taken for."""
    if distances.untouched:
        return int(generator.choice(distances.free)), 1.0
    flat = distances.nearest.ravel()
    if not flat.any():
        return int(distances.free[0]), 0.0
    if sampling == "farthest":
        drawn = int(flat.argmax())
    else:
        mass = np.cumsum(flat.astype(np.float64) ** 2)
        drawn = int(np.searchsorted(mass, generator.random() * mass[-1], side="right"))
    return drawn // distances.nearest.shape[1], float(flat[drawn])
