"""Posterize: fewer levels."""

from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "numbers", "posterize"]

FULL_BITS = 8


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` in 8 bits, and down to 1 where ``strength * |u (n, 1 or C)|`` is 1."""
    bits = FULL_BITS - ((FULL_BITS - 1) * strength * u.abs()).round()
    return posterize(x, spread(bits, x))


def posterize(x: Tensor, bits: Tensor) -> Tensor:
    """Return ``x`` on the unit interval at the nearest of ``2 ** bits`` even levels (broadcast).

    Images lose their low bits instead, which darkens them; levels that hold both ends shift no mean.
    """
    steps = 2**bits - 1
    return (x * steps).round() / steps
