"""Contrast: values move away from their channel's mean, or towards it."""

from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` scaled about each channel's mean by ``1 + strength * u``, clipped."""
    mean = x.mean((1, 2), keepdim=True)
    return (x + strength * spread(u, x) * (x - mean)).clamp(0, 1)
