"""Rotate about the middle."""

from torch import Tensor

from fact.training.frofa.grid import MAX_ANGLE, affine, resample
from fact.training.frofa.numbers import one as numbers

__all__ = ["change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` turned by ``strength * u (n, 1)``, at most 30 degrees."""
    angle = MAX_ANGLE * strength * u[:, 0]
    # coordinates are in units of the map, which need not be a square
    aspect = x.shape[1] / x.shape[2]
    cos, sin = angle.cos(), angle.sin()
    return resample(x, affine((cos, -sin * aspect, 0.0, sin / aspect, cos, 0.0), angle))
