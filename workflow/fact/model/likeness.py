"""Whether new images are like the pool that a model was made for: its confidence, and their places among it.

A model's confidence falls on images that it was not made for, if less than its accuracy (Guillory et al.,
ICCV 2021), and their features lie farther from the pool's than those lie from each other. Either is told in
words after a prediction; neither says how good the predictions are.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.seeds import derive_seed
from fact.selection.algorithms.pool import unit_rows
from fact.selection.measures import nearest_similarity

FILE, FORMAT = "pool_profile.safetensors", "fact-pool-profile"
# images of the pool that new ones are compared with
KEPT = 1000
# of the pool's own images this share is farther from the nearest other one
FAR = 0.05
# differences below these are no news, however many images say so
LESS_SURE, MORE_FAR = 0.05, 0.1
# standard errors beyond which a difference is no chance
SIGNIFICANT = 3.0


@dataclass(frozen=True)
class Profile:
    """Some unlabelled images of the pool: ``vectors (m, D)`` float32 of unit length, by the model's backbone.

    ``near``: the cosine to the nearest other one that all but 5 % of them reach. ``confidence``: the model's
    mean confidence on the unlabelled pool.
    """

    vectors: NDArray[np.float32]
    near: float
    confidence: float


@dataclass
class Seen:
    """What a model has seen since: confidences, and cosines to the nearest image of the pool's profile."""

    profile: Profile
    confidences: list[NDArray[np.float32]] = field(default_factory=list)
    nearest: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, probabilities: NDArray[np.float32], vectors: NDArray[np.float32]) -> None:
        """Take in a batch: ``probabilities (b, K)`` and pooled ``vectors (b, D)``."""
        if len(vectors):
            self.confidences.append(probabilities.max(1))
            self.nearest.append(nearest_similarity(unit_rows(vectors), self.profile.vectors))

    def warnings(self) -> list[str]:
        """Return in words how the images differ from the pool; nothing where they do not."""
        if not self.nearest:
            return []
        confidences, nearest = np.concatenate(self.confidences), np.concatenate(self.nearest)
        return [*_less_sure(confidences, self.profile), *_far(nearest, self.profile)]


def drawn_rows(count: int) -> NDArray[np.int64]:
    """Return which of ``count`` images of the pool are kept, ascending; 1,000 at most."""
    return np.sort(np.random.default_rng(derive_seed("profile")).permutation(count)[:KEPT])


def write_profile(path: Path, vectors: NDArray[np.float32], confidences: NDArray[np.float32]) -> None:
    """Publish the profile of ``vectors (m, D)`` kept of the pool and ``confidences (N,)`` of all of it.

    With fewer than two images it holds none, and nothing is compared.
    """
    enough = len(vectors) > 1
    units = unit_rows(vectors) if enough else np.empty((0, 1), np.float32)
    near = np.quantile(nearest_similarity(units, units, but_itself=True), FAR) if enough else 0.0
    header = {"format": FORMAT, "near": float(near)}
    header |= {"confidence": float(confidences.mean()) if len(confidences) else 0.0}
    publish_tensors(path, {"vectors": torch.from_numpy(units).half()}, header)


def read_profile(folder: Path) -> Profile | None:
    """Return the profile of a model's folder; None where it has none, or one of no images."""
    if not (folder / FILE).is_file():
        return None
    tensors, header = read_tensors(folder / FILE)
    vectors = tensors["vectors"].float().numpy()
    return Profile(vectors, header["near"], header["confidence"]) if len(vectors) else None


def _less_sure(confidences: NDArray[np.float32], profile: Profile) -> list[str]:
    mean, count = float(confidences.mean()), len(confidences)
    error = float(confidences.std(ddof=1)) / count**0.5 if count > 1 else 1.0
    if profile.confidence - mean <= max(LESS_SURE, SIGNIFICANT * error):
        return []
    return [
        f"the model is less sure of these images than of its pool: {100 * mean:.0f} % on average, "
        f"{100 * profile.confidence:.0f} % there. Expect it to be wrong more often than its card says; label "
        "some of these images"
    ]


def _far(nearest: NDArray[np.float32], profile: Profile) -> list[str]:
    share, count = float((nearest < profile.near).mean()), len(nearest)
    error = (FAR * (1 - FAR) / count) ** 0.5
    if share - FAR <= max(MORE_FAR, SIGNIFICANT * error):
        return []
    return [
        f"{100 * share:.0f} % of these images are farther from the pool than all but {100 * FAR:.0f} % of "
        "its own images are from each other: they look unlike what the model was made for"
    ]
