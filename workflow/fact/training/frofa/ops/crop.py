"""Crop: tokens outside a rectangle are dropped, as :mod:`fact.training.frofa.ops.patch_dropout` does."""

from collections.abc import Sequence

import torch
from torch import Tensor

from fact.training.frofa.grid import refill
from fact.training.heads.spec import Variant


def numbers(shape: Sequence[int], variant: Variant) -> int:
    """Return 3: a size and two places."""
    return 3


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` in a rectangle of whole tokens, at least half its sides; ``u (n, 3)``."""
    side = 1 - 0.5 * strength * u[:, 0].abs()
    rows, columns = (_span(size, side, place) for size, place in zip(x.shape[1:3], u[:, 1:].T, strict=True))
    return refill(x, (rows[:, :, None] & columns[:, None, :]).to(x.device))


def _span(size: int, share: Tensor, place: Tensor) -> Tensor:
    """Return which of ``size`` cells lie in a span of ``share (n,)`` of them, at ``place (n,)`` in -1..1."""
    length = (share * size).round().clamp(min=1)
    first = ((size - length) * (place + 1) / 2).round()
    cells = torch.arange(size, device=place.device)
    return (cells >= first[:, None]) & (cells < (first + length)[:, None])
