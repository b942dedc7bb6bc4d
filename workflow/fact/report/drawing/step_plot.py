"""Steps that build on each other, as bars that begin where the one before ends."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from fact.report.drawing.frame import left_axis
from fact.report.drawing.markers import marker
from fact.report.drawing.scale import Scale, spread_scale
from fact.report.drawing.svg import WIDTH, drawing, group, line, rectangle, shortened, text, title
from fact.report.palette import Style

HEIGHT, TOP, LEFT = 250, 22, 36


@dataclass(frozen=True)
class Step:
    """A method: its value, what it adds to the one before, and the interval of that gain; NaN for none."""

    name: str
    value: float
    style: Style
    gain: float = math.nan
    low: float = math.nan
    high: float = math.nan
    keys: Mapping[str, str] = field(default_factory=dict)


def step_plot(steps: Sequence[Step], axis: str, label: str, line_at: tuple[str, float] | None) -> Markup:
    """Return the steps from left to right. ``line_at``: a method to compare with, and its value."""
    bottom = HEIGHT - 24
    before = [math.nan, *(step.value for step in steps[:-1])]
    up = _scale(steps, before, line_at, bottom)
    parts = [*left_axis(up, LEFT, WIDTH - 4, axis)]
    wide = (WIDTH - LEFT - 8) / len(steps)
    parts += [
        group(_marks(step, base, LEFT + 4 + number * wide, wide, up), step.keys, class_=f"c{step.style.slot}")
        for number, (step, base) in enumerate(zip(steps, before, strict=True))
    ]
    parts += _reference(line_at, up) if line_at else []
    return drawing((WIDTH, HEIGHT), parts, label)


def _scale(
    steps: Sequence[Step], before: Sequence[float], line_at: tuple[str, float] | None, bottom: float
) -> Scale:
    """Return a scale of all values; of intervals as much as lets the steps fill a third of the height."""
    values = [step.value for step in steps] + ([line_at[1]] if line_at else [])
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    ends = [
        base + end
        for step, base in zip(steps, before, strict=True)
        for end in (step.low, step.high)
        if math.isfinite(base + end)
    ]
    kept = [min(max(end, low - room), high + room) for end in ends]
    return spread_scale([*values, *kept], (float(bottom), float(TOP)), margin=0.12)


def _marks(step: Step, base: float, x: float, wide: float, up: Scale) -> Iterator[Markup]:
    middle, y = x + wide / 2, up(step.value)
    gain = "" if math.isnan(step.gain) else f"{step.gain:+.1f}".replace("-", "−")
    yield title(f"{step.name}: {step.value:.1f} {gain}".rstrip())
    if math.isfinite(base):
        start = up(base)
        yield line((x - wide * 0.3, start), (x + wide * 0.8, start), class_="leader")
        corner, size = (middle - wide * 0.3, min(start, y)), (wide * 0.6, abs(start - y))
        yield rectangle(corner, size, class_="bar" if step.gain >= 0 else "bar loss")
        if math.isfinite(step.low):
            ends = _inside(up(base + step.low), up), _inside(up(base + step.high), up)
            yield line((middle, ends[0]), (middle, ends[1]), class_="interval")
    yield marker(step.style.marker, middle, y)
    above = min(y, _inside(up(base + step.high), up)) if math.isfinite(base + step.high) else y
    place = max(above - 8, TOP - 2)
    yield text(middle, place, gain or f"{step.value:.1f}", text_anchor="middle", class_="value halo")
    yield text(middle, HEIGHT - 8, shortened(step.name, wide), text_anchor="middle", class_="name own")


def _inside(pixel: float, up: Scale) -> float:
    """Return where an interval is cut that reaches beyond the figure."""
    return min(max(pixel, up.end), up.start)


def _reference(line_at: tuple[str, float], up: Scale) -> Iterator[Markup]:
    name, value = line_at
    yield line((LEFT, up(value)), (WIDTH - 4, up(value)), class_="rule dashed")
    # at the right end, for the first step has its number at the left
    where, label = (WIDTH - 4, up(value) - 4), f"{name} {value:.1f}"
    yield text(*where, label, text_anchor="end", class_="tick halo")
