"""Equalize: every value as frequent as any other."""

import torch
from torch import Tensor

from fact.training.frofa.numbers import shared_or_per_channel as numbers
from fact.training.frofa.numbers import spread

__all__ = ["change", "equalize", "numbers"]


def change(x: Tensor, u: Tensor, strength: float) -> Tensor:
    """Return ``x (n, H, W, C)`` equalized with probability ``strength``: where ``|u|`` is less."""
    return torch.where(spread(u.abs(), x) < strength, equalize(x), x)


def equalize(x: Tensor) -> Tensor:
    """Return each channel of ``x (n, H, W, C)`` by its own distribution, 0 to 1; equal values stay equal.

    Histogram equalization with a bin for each value, where images have 256. A constant channel stays.
    """
    values = x.flatten(1, 2).transpose(1, 2).contiguous()
    below = torch.searchsorted(values.sort(2).values, values, right=True)
    fewest = below.amin(2, keepdim=True)
    above = values.shape[2] - fewest
    share = (below - fewest).to(x) / above.clamp(min=1)
    return torch.where(above > 0, share, values).transpose(1, 2).view_as(x)
