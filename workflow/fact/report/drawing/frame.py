"""What every chart has: ticks, a grid and names of its axes."""

import itertools
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from fact.report.drawing.scale import Scale
from fact.report.drawing.svg import LETTER, line, text


def bottom_axis(scale: Scale, top: float, bottom: float, name: str, count: int = 4) -> Iterator[Markup]:
    """Yield vertical grid lines with their values below, and the name of the axis."""
    for value in scale.ticks(count):
        x = scale(value)
        yield line((x, top), (x, bottom), class_="grid")
        yield text(x, bottom + 13, scale.tick_text(value, count), text_anchor="middle", class_="tick")
    yield text((scale.start + scale.end) / 2, bottom + 28, name, text_anchor="middle", class_="axis")


def left_axis(scale: Scale, left: float, right: float, name: str, count: int = 6) -> Iterator[Markup]:
    """Yield horizontal grid lines with their values on the left, and the name of the axis above them."""
    for value in scale.ticks(count):
        y = scale(value)
        yield line((left, y), (right, y), class_="grid")
        yield text(left - 5, y + 4, scale.tick_text(value, count), text_anchor="end", class_="tick")
    yield text(2, 11, name, class_="axis")


def named_axis(names: Sequence[str], places: Sequence[float], bottom: float, name: str) -> Iterator[Markup]:
    """Yield names below a chart, so many of them that they do not overlap, and the name of the axis."""
    widest = max((len(name) for name in names), default=1) * LETTER + 6
    apart = min((b - a for a, b in itertools.pairwise(places)), default=widest)
    every = max(1, -(-int(widest) // max(1, int(apart))))
    for place, label in list(zip(places, names, strict=True))[::every]:
        yield text(place, bottom + 14, label, text_anchor="middle", class_="tick")
    yield text((places[0] + places[-1]) / 2, bottom + 29, name, text_anchor="middle", class_="axis")


def kept_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, at least ``gap`` apart where ``low``..``high`` has room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    places = [0.0] * len(wanted)
    before = low - gap
    for index in order:
        before = places[index] = max(wanted[index], before + gap)
    after = high + gap
    for index in reversed(order):
        after = places[index] = min(places[index], after - gap)
    return places
