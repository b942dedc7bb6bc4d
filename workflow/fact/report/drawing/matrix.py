"""A matrix of shares with its numbers in the cells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from fact.report.drawing.svg import LETTER, WIDTH, drawing, group, opened, rectangle, shortened, text, title

NAMES, TOP = 96, 20
UPRIGHT = 2
"""Letters of a name that stands upright above its column; longer ones are turned."""
LEVELS = 8
"""Steps of the scale: classes s0 to s7 of the page's style, with a scale of its own in the dark."""


def matrix(
    counts: np.ndarray,
    names: Sequence[str],
    label: str,
    images: Mapping[tuple[int, int], Sequence[int]] | None = None,
) -> Markup:
    """Return true classes as rows and predicted ones as columns; numbers are percent of the true class.

    ``counts``: (C, C) int, true by predicted. ``names``: C class names, shortened where they are long.
    ``images``: numbers of pictures by true and predicted class, which a click on a cell shows.
    """
    classes = len(names)
    room = min(NAMES, max((len(name) for name in names), default=1) * LETTER + 10)
    side = max(22.0, min(44.0, (WIDTH - room) / max(1, classes)))
    grid = Grid(room, TOP + room, side)
    whole = (classes * side - 1, classes * side - 1)
    parts = [
        *_names(names, grid),
        text(2, 11, "true class ↓  predicted →  % of the true class", class_="axis"),
        rectangle(grid.corner(0, 0), whole, class_="s0"),
        *(_cell(pair, counts, names, grid, (images or {}).get(pair, ())) for pair in _pairs(counts)),
    ]
    size = room + classes * side + 2
    return drawing((max(float(WIDTH), size), size + TOP), parts, label)


class Grid(NamedTuple):
    """Where the cells begin, and their side, in pixels."""

    left: float
    top: float
    side: float

    def corner(self, row: int, column: int) -> tuple[float, float]:
        """Return the upper left corner of a cell."""
        return self.left + column * self.side, self.top + row * self.side


def _names(names: Sequence[str], grid: Grid) -> Iterator[Markup]:
    for place, name in enumerate(names):
        x, y = grid.corner(place, place)
        short = shortened(name, grid.left - 10)
        yield text(grid.left - 5, y + grid.side / 2 + 4, short, text_anchor="end", class_="tick")
        if len(short) <= UPRIGHT:
            yield text(x + grid.side / 2, grid.top - 5, short, text_anchor="middle", class_="tick")
        else:
            turn = f"translate({x + grid.side / 2 + 4:.0f} {grid.top - 5:.0f}) rotate(-90)"
            yield text(0, 0, short, transform=turn, class_="tick")


def _pairs(counts: np.ndarray) -> list[tuple[int, int]]:
    """Return true and predicted class of each pair that occurs."""
    return [(true, guess) for true, guess in np.argwhere(counts).tolist()]


def _cell(
    pair: tuple[int, int], counts: np.ndarray, names: Sequence[str], grid: Grid, images: Sequence[int]
) -> Markup:
    (x, y), side, note = grid.corner(*pair), grid.side, _note(names, pair, counts)
    share = 100 * counts[pair] / counts[pair[0]].sum()
    level = min(LEVELS - 1, int(share / 100 * LEVELS))
    shown = f"{share:.0f}" if share >= 0.5 else "<1"
    inside = [
        title(note),
        rectangle((x, y), (side - 1, side - 1), class_=f"s{level}"),
        text(x + side / 2, y + side / 2 + 4, shown, text_anchor="middle", class_=f"t{level}"),
    ]
    return group(inside, None, class_="cell", **opened(images, note))


def _note(names: Sequence[str], pair: tuple[int, int], counts: np.ndarray) -> str:
    true, guess = pair
    what = "right" if true == guess else f"taken for {names[guess]}"
    return f"{names[true]}, {what}: {counts[pair]} of {counts[true].sum()}"
