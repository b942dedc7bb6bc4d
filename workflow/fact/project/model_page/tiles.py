"""An image of the page with what is said below it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fact.infra.process.printable import printable

LONGEST = 80
"""Signs of a name that are shown."""


class Said(NamedTuple):
    """A line below an image: what it is about, a class or nothing, and its probability or nothing."""

    about: str
    name: str
    probability: float | None = None


@dataclass(frozen=True)
class Tile:
    """An image of the pool by its id, and the lines below it."""

    sample_id: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Strip:
    """Images under a heading, or in place of them why there are none; ``more`` are not shown."""

    title: str
    tiles: tuple[Tile, ...]
    more: int = 0
    none: str = ""


def names_of(strips: Iterable[Strip]) -> Iterator[str]:
    """Yield the ids of all images, in their order; an image may occur more than once."""
    for strip in strips:
        yield from (tile.sample_id for tile in strip.tiles)


def shown_name(name: str) -> str:
    """Return a name as it is shown: signs that do not print escaped, the middle of a long one left out."""
    text = printable(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 + 1 :]}"


def shown_share(share: float) -> str:
    """Return a share as whole percents; what is not quite all or nothing is not said to be."""
    if 0.99 < share < 1:
        return "> 99\u00a0%"
    return "< 1\u00a0%" if 0 < share < 0.01 else f"{100 * share:.0f}\u00a0%"
