"""Which labels held-out images have, which class was said of them, and the images behind each number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fact.model.held_out import HeldOut
from fact.project.model_page.tiles import Said, Strip, Tile, shown_name

SQUARE = 40
"""Up to so many classes the whole matrix is shown, above the most frequent confusions."""
PAIRS = 40
IMAGES, AT_ONCE = 150, 6
"""Images behind all numbers together, which are dealt to them by so many."""
SHADES = 10


@dataclass(frozen=True)
class Cell:
    """Images of one label of which one class was said: a number, and how dark it is (0 to 10)."""

    key: str
    count: int
    shade: int
    right: bool
    behind: Strip

    @property
    def caption(self) -> str:
        """Return what the number means, in words."""
        return self.behind.title


@dataclass(frozen=True)
class ClassRow:
    """A class by name: a cell for each class that was said, None for none, and how many are right."""

    name: str
    cells: tuple[Cell | None, ...]
    held_out: int
    right: int


@dataclass(frozen=True)
class Confusions:
    """Rows of all classes; ``pairs`` of the most frequent confusions with the row of each, where there are
    too many classes for a matrix.
    """

    rows: tuple[ClassRow, ...]
    pairs: tuple[tuple[str, str, int, Cell], ...]
    right: int
    images: int
    left_out: int
    more_pairs: int = 0

    @property
    def is_square(self) -> bool:
        """Whether the whole matrix is shown."""
        return len(self.rows) <= SQUARE

    @property
    def cells(self) -> list[Cell]:
        """Every cell that the page shows."""
        inside = [cell for row in self.rows for cell in row.cells if cell]
        if self.is_square:
            return inside
        return [*(cell for *_, cell in self.pairs), *(cell for cell in inside if cell.right)]


def confusions(found: HeldOut, classes: Sequence[str]) -> Confusions:
    """Return the matrix of held-out images, rows by their label."""
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (found.labels, found.predicted), 1)
    behind = _behind(found, classes)
    rows = tuple(_row(index, counts[index], classes, behind) for index in range(len(classes)))
    wrong = [
        (row.name, classes[column], row.held_out, cell)
        for row in rows
        for column, cell in enumerate(row.cells)
        if cell and not cell.right
    ]
    wrong.sort(key=lambda pair: (-pair[3].count, -pair[3].count / pair[2]))
    right = int(np.trace(counts))
    images, more = len(found.sample_ids), max(0, len(wrong) - PAIRS)
    return Confusions(rows, tuple(wrong[:PAIRS]), right, images, left_out=found.left_out, more_pairs=more)


Pair = tuple[int, int]


def _row(index: int, counts: np.ndarray, classes: Sequence[str], behind: dict[Pair, Strip]) -> ClassRow:
    held_out = int(counts.sum())
    cells = tuple(
        Cell(
            f"{index}-{column}",
            int(count),
            shade=max(1, round(SHADES * count / held_out)),
            right=column == index,
            behind=behind[index, column],
        )
        if count
        else None
        for column, count in enumerate(counts)
    )
    return ClassRow(classes[index], cells, held_out, int(counts[index]))


def _behind(found: HeldOut, classes: Sequence[str]) -> dict[Pair, Strip]:
    """Return the images behind each pair of label and class, the surest first; all together are limited."""
    members: dict[Pair, list[int]] = defaultdict(list)
    sure = found.probabilities.max(1) if len(found.labels) else np.empty(0)
    for row in np.argsort(-sure, kind="stable").tolist():
        members[int(found.labels[row]), int(found.predicted[row])].append(row)
    dealt = _dealt(members)
    return {
        pair: Strip(
            _caption(classes, pair, len(rows)),
            tuple(_tile(found, classes, row) for row in rows if row in dealt),
            more=sum(row not in dealt for row in rows),
        )
        for pair, rows in members.items()
    }


def _dealt(members: dict[Pair, list[int]]) -> set[int]:
    """Return the rows that are shown: a few of each pair, wrong ones before right ones, then more."""
    order = [
        (place // AT_ONCE, label == said, place, row)
        for (label, said), rows in members.items()
        for place, row in enumerate(rows)
    ]
    return {row for *_, row in sorted(order)[:IMAGES]}


def _caption(classes: Sequence[str], pair: Pair, count: int) -> str:
    images = "1 image" if count == 1 else f"{count} images"
    label, said = (shown_name(classes[index]) for index in pair)
    if pair[0] == pair[1]:
        return f"Label {label}, {label} predicted: {images}, right"
    return f"Label {label}, {said} predicted: {images}"


def _tile(found: HeldOut, classes: Sequence[str], row: int) -> Tile:
    label, said = int(found.labels[row]), int(found.predicted[row])
    lines = [Said("predicted", classes[said], float(found.probabilities[row, said]))]
    if label != said:
        lines.append(Said("label", classes[label], float(found.probabilities[row, label])))
    return Tile(found.sample_ids[row], tuple(lines))
