"""Patch dropout: some tokens are dropped (Liu et al., *PatchDropout*, WACV 2023)."""

from collections.abc import Sequence

from torch import Tensor

from fact.training.frofa.grid import refill
from fact.training.heads.spec import Variant


def numbers(shape: Sequence[int], variant: Variant) -> int:
    """Return how many numbers an image takes: one for the share, and one for each token."""
    return 1 + shape[0] * shape[1]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` without a share ``strength * |u|`` of its tokens; ``u (n, 1 + H * W)``.

    One token at least is kept.
    """
    count = u.shape[1] - 1
    kept = count - (strength * u[:, :1].abs() * count).round().clamp(max=count - 1)
    rank = u[:, 1:].argsort(dim=1).argsort(dim=1)
    return refill(x, (rank < kept).view(x.shape[:3]).to(x.device))
