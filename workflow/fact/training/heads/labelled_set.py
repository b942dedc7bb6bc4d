"""The labelled set as the heads see it, and the linear features of its images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fact.infra.errors import ConfigError
from fact.infra.needed import needed
from fact.training.heads.linear import LinearHead, Samples
from fact.training.heads.logistic import mean_norm
from fact.training.heads.token_source import TokenSource
from fact.training.heads.transform import Transform, transformed

# a strength to the original and augmented tokens
MakeViews = Callable[[float], TokenSource]

# float16 tokens average to the pooled vector with a relative error below this
SAME = 1e-2


@dataclass(frozen=True)
class LabelledSet:
    """``pooled (n, D)`` and ``labels (n,)`` of the labelled images, on the device computed on.

    ``offset (n, K)`` are logits of the head to improve on, or None. ``make_views`` gives tokens and augmented
    ones; None where there are none. ``groups (n,)``: images of one number are held out together.
    """

    pooled: Tensor
    labels: Tensor
    sample_ids: Sequence[str]
    num_classes: int
    offset: Tensor | None
    seed: int
    make_views: MakeViews | None = None
    groups: NDArray[np.int64] | None = None

    def views(self, strength: float) -> TokenSource:
        """Return original and augmented tokens, no augmented ones at strength 0.

        Raises ConfigError without tokens.
        """
        if self.make_views is None:
            raise ConfigError(
                "head: this head reads patch tokens, which are missing; extract them, or set pooling: pooled"
            )
        return self.make_views(strength)

    def pooled_is_mean(self, views: TokenSource) -> bool:
        """Return whether the pooled vector says nothing that the mean of the original tokens does not."""
        mean = views.means[0]
        if mean.shape != self.pooled.shape:
            return False
        return bool((mean - self.pooled).norm() <= SAME * mean.norm())

    def samples(self, rows: Tensor, keep: Tensor) -> Samples:
        """Return the kept images ``(n,)`` of features ``rows (V, n, d)`` as samples, view by view.

        An image counts once, shared among its views.
        """
        views, kept = len(rows), int(keep.sum())
        return Samples(
            features=rows[:, keep].flatten(0, 1),
            labels=self.labels[keep].repeat(views),
            num_classes=self.num_classes,
            weights=torch.full((views * kept,), 1 / views, dtype=torch.float64, device=rows.device),
            offset=None if self.offset is None else self.offset[keep],
        )

    @property
    def everyone(self) -> Tensor:
        """The mask (n,) of all images."""
        return torch.ones_like(self.labels, dtype=torch.bool)


def linear_features(
    pooling: str, pooled: Tensor, views: TokenSource | None, transform: Transform = "none"
) -> tuple[Tensor, Tensor]:
    """Return features ``(V + 1, n, d)`` that a linear head of ``pooling`` reads, and each column's unit
    ``(d,)``.

    "pooled" is ``pooled (n, D)``, "mean" the mean of the tokens of every view, "both" one beside the
    other, the pooled vector repeated for every view. Untransformed, a block is divided by its mean norm, so
    that both weigh alike whatever their scales; :func:`in_raw_units` undoes it. Transformed ones are on
    scales of their own, in which C has the meaning that other codes give it.
    """
    blocks = []
    if pooling in ("pooled", "both"):
        count = 1 if pooling == "pooled" else len(needed(views, "views"))
        blocks.append(pooled.double().expand(count, *pooled.shape))
    if pooling in ("mean", "both"):
        blocks.append(needed(views, "views").means)
    if transform != "none":
        rows = torch.cat([transformed(block, transform) for block in blocks], dim=2)
        return rows, rows.new_ones(rows.shape[2])
    units = torch.cat([block.new_full((block.shape[2],), mean_norm(block[0])) for block in blocks])
    return torch.cat(blocks, dim=2) / units, units


def scale_of(features: Tensor, transform: Transform) -> float:
    """Return what divides features (V + 1, n, d) inside the objective: their mean norm, or 1 if
    transformed.
    """
    return mean_norm(features[0]) if transform == "none" else 1.0


def in_raw_units(head: LinearHead, units: Tensor) -> LinearHead:
    """Return a head on :func:`linear_features` as one on the raw blocks."""
    return LinearHead(head.weight / units, head.bias)


def from_raw_units(head: LinearHead, units: Tensor) -> LinearHead:
    """Invert :func:`in_raw_units`."""
    return LinearHead(head.weight * units, head.bias)
