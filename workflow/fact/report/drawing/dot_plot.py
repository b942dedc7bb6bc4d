"""Dots with intervals, a row each: names on the left, values on the right."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from fact.report.drawing.frame import bottom_axis
from fact.report.drawing.markers import marker
from fact.report.drawing.scale import Scale, spread_scale
from fact.report.drawing.svg import LETTER, WIDTH, drawing, group, line, opened, shortened, text, title

ROW = 20
NAMES = 146
"""Pixels of the longest names; longer ones are shortened."""
VALUES = 44
TOP = 6


@dataclass(frozen=True)
class Dot:
    """One row. ``low`` and ``high``: ends of its interval, NaN for none; ``known``: a tick to compare with.

    ``slot``: its colour; ``shown``: its value as it is printed; ``note``: what a pointer on it shows;
    ``keys``: what the page's filter looks at; ``images``: numbers of pictures that a click on it shows.
    """

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    known: float = math.nan
    slot: int = 0
    marker: str = "circle"
    shown: str = ""
    note: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    images: Sequence[int] = ()


def dot_plot(dots: Sequence[Dot], axis: str, label: str, *, zero: bool = False) -> Markup:
    """Return the dots in their order, from top to bottom, with a tick for what is known of a row.

    ``axis``: what the values are. ``zero``: a line at zero, which is then within the scale.
    """
    names = min(NAMES, max((len(dot.name) for dot in dots), default=1) * LETTER + 8)
    bottom = TOP + ROW * len(dots)
    values = [value for dot in dots for value in (dot.value, dot.low, dot.high, dot.known)]
    scale = spread_scale([*values, 0.0] if zero else values, (names + 6, WIDTH - VALUES))
    parts = [*bottom_axis(scale, TOP, bottom, axis)]
    if zero:
        parts.append(line((scale(0), TOP), (scale(0), bottom), class_="rule"))
    parts += [_row(dot, TOP + ROW * (number + 0.5), scale, names) for number, dot in enumerate(dots)]
    return drawing((WIDTH, bottom + 34), parts, label)


def _row(dot: Dot, y: float, scale: Scale, names: float) -> Markup:
    behind = opened(dot.images, dot.note)
    return group(_marks(dot, y, scale, names), dot.keys, class_=f"cell c{dot.slot}", **behind)


def _marks(dot: Dot, y: float, scale: Scale, names: float) -> Iterator[Markup]:
    yield title(dot.note or dot.name)
    yield text(names, y + 4, shortened(dot.name, names - 6), text_anchor="end", class_="name")
    if math.isfinite(dot.known):
        known = scale(dot.known)
        yield line((known, y - 7), (known, y + 7), class_="known")
    if math.isfinite(dot.low) and dot.high > dot.low:
        yield line((scale(dot.low), y), (scale(dot.high), y), class_="interval")
    if math.isfinite(dot.value):
        yield marker(dot.marker, scale(dot.value), y)
    shown = dot.shown or f"{dot.value:.1f}".replace("-", "−")
    yield text(WIDTH - 2, y + 4, shown, text_anchor="end", class_="value")
