"""Shear along x: rows slide sideways, the farther from the middle the more."""

from torch import Tensor

from fact.training.frofa.grid import MAX_SHEAR, affine, resample
from fact.training.frofa.numbers import one as numbers

__all__ = ["change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` sheared by ``strength * u``, at most 0.3 cells per cell from the middle."""
    # coordinates are in units of the map, which need not be a square
    amount = MAX_SHEAR * strength * u[:, 0] * (x.shape[1] / x.shape[2])
    return resample(x, affine((1.0, amount, 0.0, 0.0, 1.0, 0.0), amount))
