"""Inception crop: a window of random area and proportions, stretched to the whole."""

from collections.abc import Sequence

from torch import Tensor

from fact.training.frofa.grid import window
from fact.training.heads.spec import Variant


def numbers(shape: Sequence[int], variant: Variant) -> int:
    """Return 4: an area, proportions and two places."""
    return 4


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` seen through a window of 5 to 100 % of its area, 3:4 to 4:3; ``u (n, 4)``.

    Szegedy et al., *Going Deeper with Convolutions* (CVPR 2015). Proportions are relative to the map, so that
    no change is among them.
    """
    area = 1 - 0.95 * strength * u[:, 0].abs()
    stretch = (4 / 3) ** (strength * u[:, 1] / 2)
    width, height = area.sqrt() * stretch, area.sqrt() / stretch
    return window(x, width.clamp(max=1), height.clamp(max=1), u=u[:, 2:])
