"""Brightness: everything lighter or darker by the same amount."""

from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["brightness", "change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` shifted by ``strength * u (n, 1 or C)`` and clipped."""
    return brightness(x, strength * spread(u, x))


def brightness(x: Tensor, shift: Tensor) -> Tensor:
    """Change brightness on the unit interval: add ``shift`` (broadcast) and clip."""
    return (x + shift).clamp_(0, 1)
