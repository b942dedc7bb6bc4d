"""Lines over a budget or an epoch, each with its name at its end."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from markupsafe import Markup

from fact.report.drawing.frame import bottom_axis, kept_apart, left_axis, named_axis
from fact.report.drawing.markers import marker
from fact.report.drawing.scale import Scale, from_zero, spread_scale
from fact.report.drawing.svg import (
    LETTER,
    WIDTH,
    drawing,
    element,
    group,
    line,
    number,
    shortened,
    text,
    title,
)
from fact.report.palette import Style

HEIGHT, TOP, LEFT, NAMES = 250, 20, 36, 118
DODGE = 1.2
"""Pixels from one line to the next at the same budget."""
FEW = 40
"""Up to so many points of a line have markers."""


class Point(NamedTuple):
    """A value with the ends of its interval and what is known of it; NaN for none of them."""

    x: float
    y: float
    low: float = math.nan
    high: float = math.nan
    known: float = math.nan


@dataclass(frozen=True)
class Line:
    """A named line through its points, from left to right."""

    name: str
    points: Sequence[Point]
    style: Style
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Axes:
    """Names of the axes; ``names`` below the places 0, 1, ... of a chart without numbers there."""

    x: str
    y: str
    names: Sequence[str] = ()
    zero: bool = False


def line_plot(lines: Sequence[Line], axes: Axes, label: str) -> Markup:
    """Return the lines with their intervals; what is known stands as a hollow diamond."""
    room = min(NAMES, max((len(shown.name) for shown in lines), default=1) * LETTER + 22)
    across, up = _scales(lines, axes, WIDTH - room)
    bottom = HEIGHT - 34
    parts = [*left_axis(up, LEFT, across.end + 6, axes.y)]
    if axes.names:
        places = [across(place) for place in range(len(axes.names))]
        parts += named_axis(axes.names, places, bottom, axes.x)
    else:
        parts += bottom_axis(across, TOP, bottom, axes.x)
    ends = kept_apart([up(shown.points[-1].y) for shown in lines], 12, TOP + 4, bottom)
    for place, (shown, end) in enumerate(zip(lines, ends, strict=True)):
        # beside each other, so that intervals at one budget do not hide each other
        aside = DODGE * (place - (len(lines) - 1) / 2) if axes.names else 0.0
        parts.append(_line(shown, _moved(across, aside), up, (WIDTH - room, end)))
    return drawing((WIDTH, HEIGHT), parts, label)


def _scales(lines: Sequence[Line], axes: Axes, end: float) -> tuple[Scale, Scale]:
    points = [point for shown in lines for point in shown.points]
    values = [value for point in points for value in point[1:]]
    pixels = (float(HEIGHT - 34), float(TOP))
    up = from_zero(values, pixels) if axes.zero else spread_scale(values, pixels)
    last = len(axes.names) - 1 if axes.names else max((point.x for point in points), default=1)
    first = 0 if axes.names else min((point.x for point in points), default=0)
    return Scale(first, last, LEFT + 8, end - 8), up


def _moved(scale: Scale, pixels: float) -> Scale:
    return replace(scale, start=scale.start + pixels, end=scale.end + pixels)


def _line(shown: Line, across: Scale, up: Scale, label: tuple[float, float]) -> Markup:
    inside = [
        *_marks(shown, across, up),
        *_label(shown, (across(shown.points[-1].x), up(shown.points[-1].y)), *label),
    ]
    return group(inside, shown.keys, class_=f"c{shown.style.slot}")


def _label(shown: Line, end: tuple[float, float], side: float, y: float) -> Iterator[Markup]:
    """Yield the name of a line on the right, with its marker, and what leads there from its end."""
    yield line((end[0] + 4, end[1]), (side + 2, y), class_="leader")
    yield marker(shown.style.marker, side + 7, y, 3)
    yield text(side + 14, y + 4, shortened(shown.name, WIDTH - side - 15), class_="name")


def _marks(shown: Line, across: Scale, up: Scale) -> Iterator[Markup]:
    yield title(_note(shown))
    places = [(across(point.x), up(point.y)) for point in shown.points]
    for (x, _), point in zip(places, shown.points, strict=True):
        if math.isfinite(point.low) and point.high > point.low:
            yield line((x, up(point.low)), (x, up(point.high)), class_="interval")
        if math.isfinite(point.known):
            yield marker("diamond", x, up(point.known), 4, class_="hollow")
    path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)
    dash = " ".join(number(2 * length) for length in shown.style.dash) or None
    yield element("path", d=path, class_="line", stroke_dasharray=dash)
    if len(places) <= FEW:
        yield from (marker(shown.style.marker, x, y, 3.2) for x, y in places)


def _note(shown: Line) -> str:
    known = [point for point in shown.points if math.isfinite(point.y)]
    return f"{shown.name}: {', '.join(f'{point.y:.4g}' for point in known[:8])}" if known else shown.name
