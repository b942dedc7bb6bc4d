"""Translate along x: the map moves sideways."""

from torch import Tensor

from fact.training.frofa.grid import MAX_SHIFT, affine, resample
from fact.training.frofa.numbers import one as numbers

__all__ = ["change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` moved by ``strength * u (n, 1)``, at most 0.45 of the map."""
    # coordinates run from -1 to 1: the map is 2 long
    amount = 2 * MAX_SHIFT * strength * u[:, 0]
    return resample(x, affine((1.0, 0.0, amount, 0.0, 1.0, 0.0), amount))
