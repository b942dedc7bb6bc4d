"""Token maps on the unit interval, and back."""

import torch
from torch import Tensor


def bounds(tokens: Tensor, *, per_channel: bool) -> tuple[Tensor, Tensor]:
    """Return the smallest and largest value of each map of ``tokens (n, H, W, C)``, or of each channel.

    Shapes ``(n, 1, 1, 1)`` or ``(n, 1, 1, C)``.
    """
    over = (1, 2) if per_channel else (1, 2, 3)
    return tokens.amin(over, keepdim=True), tokens.amax(over, keepdim=True)


def to_unit(tokens: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return ``tokens`` brought from ``low .. high`` to 0 .. 1; a constant map becomes 0."""
    span = high - low
    # in place where it can be: another copy of a block of tokens costs more than the arithmetic
    return (tokens - low).div_(torch.where(span > 0, span, 1))


def from_unit(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Invert :func:`to_unit`, never outside ``low .. high``; a constant map comes back unchanged."""
    return torch.lerp(low, high, x)
