"""The labelled set as the heads see it, and the linear features of its images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fact.training.heads.linear import LinearHead
from fact.training.heads.logistic import mean_norm

# a strength to the original and augmented tokens (V + 1, n, H, W, C)
MakeViews = Callable[[float], Tensor]

# float16 tokens average to the pooled vector with a relative error below this
SAME = 1e-2


@dataclass(frozen=True)
class LabelledSet:
    """``pooled (n, D)``, ``tokens (n, H, W, C)`` or None, and ``labels (n,)`` of the labelled images.

    ``offset (n, K)`` are logits of the head to improve on, or None. ``make_views`` augments the tokens.
    """

    pooled: Tensor
    tokens: Tensor | None
    labels: Tensor
    sample_ids: Sequence[str]
    num_classes: int
    offset: Tensor | None
    seed: int
    make_views: MakeViews | None = None

    def views(self, strength: float) -> Tensor:
        """Original and augmented tokens ``(V + 1, n, H * W, C)``, V = 0 at strength 0."""
        if self.tokens is None or self.make_views is None:
            raise ValueError(
                "head: this head reads patch tokens, which are missing; extract them, or pool: pooled"
            )
        return self.make_views(strength).flatten(2, 3)

    def pooled_is_mean(self) -> bool:
        """Whether the pooled vector says nothing that the tokens' mean does not."""
        mean = self.tokens.float().mean((1, 2))
        if mean.shape != self.pooled.shape:
            return False
        return bool((mean - self.pooled).norm() <= SAME * mean.norm())

    def offset_of(self, keep: Tensor, views: int) -> Tensor | None:
        """Offsets ``(views * kept, K)`` of the kept images, view by view."""
        return None if self.offset is None else self.offset[keep].repeat(views, 1)


def repeat_rows(rows: Tensor, keep: Tensor) -> Tensor:
    """Rows ``(V, n, ...)`` of the kept images ``(n,)`` as one axis ``(V * kept, ...)``, view by view."""
    return rows[:, keep].flatten(0, 1)


def view_weights(rows: Tensor, keep: Tensor) -> Tensor:
    """Weights ``(V * kept,)`` of :func:`repeat_rows`: an image counts once, shared among its views."""
    return torch.full((len(rows) * int(keep.sum()),), 1 / len(rows), dtype=torch.float64)


def linear_features(pooling: str, pooled: Tensor, views: Tensor | None) -> tuple[Tensor, Tensor]:
    """Features ``(V + 1, n, d)`` that a linear head of ``pooling`` reads, and each column's unit ``(d,)``.

    "pooled" is ``pooled (n, D)``, "mean" the mean of ``views (V + 1, n, T, C)``, "both" one beside the
    other, the pooled vector repeated for every view. A block is divided by its mean norm, so that both
    weigh alike whatever their scales; :func:`in_raw_units` undoes it.
    """
    blocks = []
    if pooling in ("pooled", "both"):
        blocks.append(pooled.double().expand(1 if pooling == "pooled" else len(views), *pooled.shape))
    if pooling in ("mean", "both"):
        blocks.append(views.mean(2).double())
    units = torch.cat([torch.full((block.shape[2],), mean_norm(block[0])) for block in blocks]).double()
    return torch.cat(blocks, dim=2) / units, units


def in_raw_units(head: LinearHead, units: Tensor) -> LinearHead:
    """A head on :func:`linear_features` as one on the raw blocks."""
    return LinearHead(head.weight / units, head.bias)
