"""From values to pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A straight scale from ``low``..``high`` to pixels ``start``..``end``; a single value is amid them."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, count: int = 4) -> list[float]:
        """Return about ``count`` round values within the scale."""
        step = round_step((self.high - self.low) / max(1, count))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    def tick_text(self, value: float, count: int = 4) -> str:
        """Return a tick with as many digits as the steps between ticks have."""
        step = round_step((self.high - self.low) / max(1, count))
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        return f"{value:.{digits}f}".replace("-", "−")


def spread_scale(values: Sequence[float], pixels: tuple[float, float], *, margin: float = 0.06) -> Scale:
    """Return a scale that holds all finite values, with a margin of a share of their range."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    space = (high - low) * margin or max(abs(high) * 0.02, 0.5)
    return Scale(low - space, high + space, *pixels)


def from_zero(values: Sequence[float], pixels: tuple[float, float]) -> Scale:
    """Return a scale from zero to the largest value."""
    known = [value for value in values if math.isfinite(value)]
    return Scale(0.0, max(known, default=1.0) * 1.02 or 1.0, *pixels)


def round_step(span: float) -> float:
    """Return the 1, 2 or 5 times a power of ten that is nearest above a span; 1 for none."""
    if not span > 0 or not math.isfinite(span):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= span * (1 - 1e-9))
