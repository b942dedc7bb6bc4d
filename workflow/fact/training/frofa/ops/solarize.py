"""Solarize: values above a threshold are inverted."""

import torch
from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "numbers", "solarize"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` with values above ``1 - strength * |u|`` inverted; ``u (n, 1 or C)``."""
    return solarize(x, 1 - strength * spread(u.abs(), x))


def solarize(x: Tensor, threshold: Tensor) -> Tensor:
    """Return ``x`` on the unit interval, inverted where it is above ``threshold`` (broadcast)."""
    return torch.where(x > threshold, 1 - x, x)
