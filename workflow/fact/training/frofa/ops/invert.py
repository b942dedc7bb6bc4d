"""Invert: high becomes low."""

import torch
from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``1 - x (n, H, W, C)`` with probability ``strength``: where ``|u (n, 1 or C)|`` is less.

    An inversion has no magnitude: half of one would be a constant.
    """
    return torch.where(spread(u.abs(), x) < strength, 1 - x, x)
