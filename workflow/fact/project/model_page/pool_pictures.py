"""What the model says of the unlabelled pool, as pictures: by class, its surest and its least sure images."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from fact.model.pool_predictions import PoolPredictions
from fact.project.model_page.tiles import Said, Strip, Tile

IMAGES = 120
"""Images of all classes together."""
MOST = 5
"""Images at either end of a class."""


class ClassInPool(NamedTuple):
    """A class by name, of how many images it is said, and the two ends of them."""

    name: str
    images: int
    surest: Strip
    least_sure: Strip


class PoolPictures(NamedTuple):
    """The classes that are shown, the most frequent one first, and how many more there are."""

    images: int
    classes: tuple[ClassInPool, ...]
    more: int
    never: tuple[str, ...]


def pool_pictures(predictions: PoolPredictions, classes: Sequence[str]) -> PoolPictures:
    """Return the classes that are said of an image, and the names of those that are said of none."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(predictions.labels):
        members[name].append(row)
    order = sorted(members, key=lambda name: (-len(members[name]), name))
    ends = max(1, min(MOST, IMAGES // max(1, 2 * len(order))))
    shown = order[: IMAGES // (2 * ends)]
    found = tuple(_class(name, members[name], predictions, ends) for name in shown)
    never = tuple(name for name in classes if name not in members)
    return PoolPictures(len(predictions.labels), found, len(order) - len(shown), never)


def following_pictures(following: Sequence[str], predictions: PoolPredictions, shown: int) -> Strip:
    """Return the first images of a list of those to label next, with what the model says of them."""
    said = dict(zip(predictions.sample_ids, range(len(predictions.sample_ids)), strict=True))
    tiles = tuple(_tile(predictions, said[name], "predicted") for name in following[:shown] if name in said)
    return Strip("", tiles, more=len(following) - len(tiles))


def _class(name: str, rows: list[int], predictions: PoolPredictions, ends: int) -> ClassInPool:
    order = sorted(rows, key=lambda row: (-float(predictions.probabilities[row]), row))
    first = order[:ends]
    last = [row for row in reversed(order[-ends:]) if row not in first]
    surest, least_sure = (tuple(_tile(predictions, row, "") for row in part) for part in (first, last))
    return ClassInPool(name, len(rows), Strip("Most certain", surest), Strip("Least certain", least_sure))


def _tile(predictions: PoolPredictions, row: int, about: str) -> Tile:
    """Return an image; its class is left out where the heading names it, and nothing is said ``about`` it."""
    name = predictions.labels[row] if about else ""
    said = Said(about, name, float(predictions.probabilities[row]))
    return Tile(predictions.sample_ids[row], (said,))
