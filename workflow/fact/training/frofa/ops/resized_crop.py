"""Resized crop: a window of the map's own proportions, stretched to the whole."""

from collections.abc import Sequence

from torch import Tensor

from fact.training.frofa.grid import window
from fact.training.heads.spec import Variant


def numbers(shape: Sequence[int], variant: Variant) -> int:
    """Return 3: a size and two places."""
    return 3


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` seen through a window of at least half its sides; ``u (n, 3)``."""
    side = 1 - 0.5 * strength * u[:, 0].abs()
    return window(x, side, side, u=u[:, 1:])
