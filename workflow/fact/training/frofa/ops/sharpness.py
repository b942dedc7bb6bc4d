"""Sharpness: away from a smoothed map, or towards it."""

from torch import Tensor
from torch.nn.functional import avg_pool2d

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "numbers", "smooth"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` plus ``strength * u`` of its difference to :func:`smooth`, clipped."""
    return (x + strength * spread(u, x) * (x - smooth(x))).clamp(0, 1)


def smooth(x: Tensor) -> Tensor:
    """Return ``x (n, H, W, C)`` under Pillow's ``SMOOTH``, (1 1 1; 1 5 1; 1 1 1) / 13; the rim stays."""
    if min(x.shape[1:3]) < 3:
        return x
    mean = avg_pool2d(x.permute(0, 3, 1, 2), 3, stride=1).permute(0, 2, 3, 1)
    smoothed = x.clone()
    smoothed[:, 1:-1, 1:-1] = (9 * mean + 4 * x[:, 1:-1, 1:-1]) / 13
    return smoothed
