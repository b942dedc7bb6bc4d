"""The unlabelled images that phase 3 of one's own model looks at, and the surest of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from fact.training.heads.fit import LabelledFeatures
from fact.training.heads.head import Head
from fact.training.heads.pool_fit import PoolImages
from fact.training.propagation.propagate import PropagationSpec, propagate
from fact.training.propagation.surest import surest_rows


@dataclass(frozen=True)
class PoolPart:
    """Unlabelled images of the pool: uint8 ``images (m, S, S, 3)``, or for a frozen backbone their ``vectors
    (m, D)``.

    ``propagation`` says how labels spread over them. ``groups``: the name of each image's group, if known.
    """

    propagation: PropagationSpec
    images: NDArray[np.uint8] | None = None
    vectors: NDArray[np.float32] | None = None
    groups: Sequence[str] | None = None

    def without(self, groups: Collection[str]) -> "PoolPart | None":
        """Return the part without images of these groups; None where nothing is left."""
        if self.groups is None or not (dropped := set(groups)):
            return self
        keep = np.array([name not in dropped for name in self.groups])
        if not keep.any():
            return None
        images, vectors = (None if rows is None else rows[keep] for rows in (self.images, self.vectors))
        names = [name for name, kept in zip(self.groups, keep, strict=True) if kept]
        return PoolPart(self.propagation, images, vectors, groups=names)


def surest_images(
    features: LabelledFeatures,
    vectors: NDArray[np.float32],
    head: Head,
    propagation: PropagationSpec,
    per_class: int,
) -> PoolImages:
    """Return the pool images of each class whose propagated label is surest.

    ``vectors (m, D)`` are the pool's; ``head``, on the pooled vector, says what phase 2 thinks of them.
    """
    labelled = len(features.labels)
    rows = np.concatenate([features.pooled.numpy(), vectors.astype(np.float32)])
    predicted = softmax(head.logits(torch.from_numpy(rows)).numpy(), axis=1)
    labels, labelled_rows = features.labels.numpy(), np.arange(labelled)
    result = propagate(rows, labelled_rows, labels, predicted, propagation)
    likeliest, sure = result.probabilities.argmax(axis=1), result.probabilities.max(axis=1)
    taken = surest_rows(likeliest, sure, np.arange(len(rows)) >= labelled, per_class)
    sizes = np.bincount(likeliest[labelled:])[likeliest[taken]]
    parts = (rows[taken], likeliest[taken], sure[taken], sizes)
    pooled, classes, certain, of_class = map(torch.from_numpy, parts)
    return PoolImages(pooled, classes, certain, of_class, result.power)
