"""A matrix of shares with its numbers in the cells."""

from collections.abc import Iterator, Sequence

import numpy as np
from markupsafe import Markup

from fact.report.drawing.svg import LETTER, drawing, group, rectangle, shortened, text, title

NAMES = 96
LEVELS = 8
"""Steps of the scale: classes s0 to s7 of the page's style, with a scale of its own in the dark."""


def matrix(counts: np.ndarray, names: Sequence[str], label: str) -> Markup:
    """Return true classes as rows and predicted ones as columns; numbers are percent of the true class.

    ``counts``: (C, C) int, true by predicted. ``names``: C class names, shortened where they are long.
    """
    classes = len(names)
    room = min(NAMES, max((len(name) for name in names), default=1) * LETTER + 8)
    side = max(22.0, min(44.0, (340 - room) / max(1, classes)))
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    parts = [*_names(names, room, side)]
    parts += [
        _cell((room + guess * side, room + true * side), side, shares[true, guess], _note(names, true, guess, counts))
        if counts[true, guess]
        else _empty((room + guess * side, room + true * side), side)
        for true in range(classes)
        for guess in range(classes)
    ]
    size = room + classes * side + 2
    return drawing((max(340.0, size), size + 16), [*parts, *_axes(room, size)], label)


def _names(names: Sequence[str], room: float, side: float) -> Iterator[Markup]:
    for place, name in enumerate(names):
        middle, short = room + (place + 0.5) * side, shortened(name, room - 6)
        yield text(room - 5, middle + 4, short, text_anchor="end", class_="tick")
        yield text(0, 0, short, transform=f"translate({middle + 4:.0f} {room - 5:.0f}) rotate(-90)", class_="tick")


def _axes(room: float, size: float) -> Iterator[Markup]:
    yield text(2, 11, "true ↓  predicted →", class_="axis")
    yield text(room, size + 12, "% of the true class", class_="axis")


def _cell(corner: tuple[float, float], side: float, share: float, note: str) -> Markup:
    level = min(LEVELS - 1, int(share / 100 * LEVELS))
    x, y = corner[0] + side / 2, corner[1] + side / 2 + 4
    shown = f"{share:.0f}" if share >= 0.5 else "<1"
    inside = [
        title(note),
        rectangle(corner, (side - 1, side - 1), class_=f"s{level}"),
        text(x, y, shown, text_anchor="middle", class_=f"t{level}"),
    ]
    return group(inside, class_="cell")


def _empty(corner: tuple[float, float], side: float) -> Markup:
    return rectangle(corner, (side - 1, side - 1), class_="s0")


def _note(names: Sequence[str], true: int, guess: int, counts: np.ndarray) -> str:
    what = "right" if true == guess else f"taken for {names[guess]}"
    return f"{names[true]}, {what}: {counts[true, guess]} of {counts[true].sum()}"
