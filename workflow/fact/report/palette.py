"""One colour, one marker and one dash for each method, on the page and in files alike.

The colours stay apart for readers without red or green cones, and in normal sight
(tests/unit/report/test_palette.py). Markers and dashes tell the methods apart in grey.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

LIGHT = (
    "#b08809", "#1491f9", "#930143", "#0e0899", "#1f3805", "#4aa083",
    "#da54cb", "#8a46b1", "#225a73", "#b34d2b", "#2552ef", "#53044c",
)  # fmt: skip
"""On white; each at least 3:1."""
DARK = (
    "#eac058", "#9ccbfe", "#ee668e", "#507aff", "#728f5c", "#84d9bb",
    "#ffa5f1", "#d18cfc", "#6fa6c3", "#fd906d", "#85aafe", "#b364a7",
)  # fmt: skip
"""The same hues on the dark page; each at least 3:1."""
MARKERS = (
    "square", "diamond", "circle", "triangle-up", "cross", "triangle-down",
    "pentagon", "hexagon", "triangle-left", "plus", "triangle-right", "star",
)  # fmt: skip
DASHES = ((), (5, 2), (1.5, 1.5), (7, 2, 1.5, 2))
"""Lengths of strokes and gaps in units of a line's width; the first is solid."""
KNOWN = (
    "LR-frozen", "LP-FT", "FACT", "FACT-pool", "FF", "LP",
    "LP-LoRA", "L3FACT", "L3FACT-pool", "FACT w/o FroFA", "FACT-auto", "L3FACT w/o FroFA",
)  # fmt: skip
"""Methods that have the place of their name in every run."""
SELECTORS = ("activeft", "random", "kmeans", "kcenter", "typiclust", "maxherding", "probcover", "bilaf")
SELECTOR_SLOTS = (10, 0, 5, 6, 9, 8, 7, 11, 1, 2, 3, 4)


class Style(NamedTuple):
    """How one name is drawn. ``slot``: its place in :data:`LIGHT` and :data:`DARK`."""

    slot: int
    marker: str
    dash: tuple[float, ...]

    @property
    def colour(self) -> str:
        """The colour on white."""
        return LIGHT[self.slot]


def method_styles(names: Iterable[str]) -> dict[str, Style]:
    """Return the style of each method, in the order of ``names``; known ones have the same in every run.

    Up to twelve methods share neither colour nor marker. Beyond that the pairs of both stay unlike, up to
    144.
    """
    places = _places(list(dict.fromkeys(names)), KNOWN)
    return {name: _style(place) for name, place in places.items()}


def selector_styles(names: Iterable[str]) -> dict[str, Style]:
    """Return the style of each selector, for charts in which colours are selectors."""
    places = _places(list(dict.fromkeys(names)), SELECTORS)
    slots = {name: SELECTOR_SLOTS[place % len(SELECTOR_SLOTS)] for name, place in places.items()}
    return {
        name: Style(slots[name], MARKERS[place % len(MARKERS)], DASHES[place % len(DASHES)])
        for name, place in places.items()
    }


def in_turn(names: Iterable[str]) -> dict[str, Style]:
    """Return a style for each name of something that is neither method nor selector, in their order."""
    return {name: _style(place) for place, name in enumerate(dict.fromkeys(names))}


def _style(place: int) -> Style:
    count = len(LIGHT)
    # from the thirteenth on a marker of another colour
    marker = MARKERS[(place + 5 * (place // count)) % count]
    return Style(place % count, marker, DASHES[(place + place // len(DASHES)) % len(DASHES)])


def _places(names: Sequence[str], known: Sequence[str]) -> Mapping[str, int]:
    fixed = {name: known.index(name) for name in names if name in known}
    free = (place for place in range(len(names) + len(known)) if place not in fixed.values())
    return {name: fixed[name] if name in fixed else next(free) for name in names}
