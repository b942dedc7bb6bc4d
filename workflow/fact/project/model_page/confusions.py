"""Which labels held-out images have, which class was said of them, and the images behind each number."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
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
Pair = tuple[int, int]


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
    """A class by name: a cell for each class, None where none is shown, and how many are right."""

    name: str
    cells: tuple[Cell | None, ...]
    held_out: int
    right: int


@dataclass(frozen=True)
class Confusions:
    """Rows of all classes; ``pairs``: label, class that was predicted, images of the label, and their cell,
    the most frequent one first.
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
        return [cell for row in self.rows for cell in row.cells if cell]


def confusions(found: HeldOut, classes: Sequence[str]) -> Confusions:
    """Return the matrix of held-out images, rows by their label."""
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (found.labels, found.predicted), 1)
    wrong = _wrong(counts)
    shown = wrong if len(classes) <= SQUARE else wrong[:PAIRS]
    behind = _behind(found, classes, {*shown, *((index, index) for index in range(len(classes)))})
    cells = {pair: _cell(pair, counts, strip) for pair, strip in behind.items()}
    return Confusions(
        tuple(_row(index, counts[index], classes[index], cells) for index in range(len(classes))),
        tuple(
            (classes[row], classes[column], int(counts[row].sum()), cells[row, column])
            for row, column in shown
        ),
        right=int(np.trace(counts)),
        images=len(found.sample_ids),
        left_out=found.left_out,
        more_pairs=len(wrong) - len(shown),
    )


def _wrong(counts: np.ndarray) -> list[Pair]:
    """Return pairs of label and another class that was predicted, the most frequent one first."""
    pairs = [(int(row), int(column)) for row, column in np.argwhere(counts) if row != column]
    return sorted(pairs, key=lambda pair: (-counts[pair], -counts[pair] / counts[pair[0]].sum(), pair))


def _cell(pair: Pair, counts: np.ndarray, behind: Strip) -> Cell:
    shade = max(1, round(SHADES * counts[pair] / counts[pair[0]].sum()))
    return Cell(f"{pair[0]}-{pair[1]}", int(counts[pair]), shade, right=pair[0] == pair[1], behind=behind)


def _row(index: int, counts: np.ndarray, name: str, cells: Mapping[Pair, Cell]) -> ClassRow:
    own = tuple(cells.get((index, column)) for column in range(len(counts)))
    return ClassRow(name, own, int(counts.sum()), int(counts[index]))


def _behind(found: HeldOut, classes: Sequence[str], shown: Container[Pair]) -> dict[Pair, Strip]:
    """Return the images behind each shown pair of label and class, the surest first, limited in all."""
    members: dict[Pair, list[int]] = defaultdict(list)
    for row in np.argsort(-found.probabilities.max(1), kind="stable").tolist():
        pair = int(found.labels[row]), int(found.predicted[row])
        if pair in shown:
            members[pair].append(row)
    dealt = _dealt(members)
    return {
        pair: Strip(
            _caption(classes, pair, len(rows)),
            tuple(_tile(found, classes, row) for row in rows if row in dealt),
            more=sum(row not in dealt for row in rows),
        )
        for pair, rows in members.items()
    }


def _dealt(members: Mapping[Pair, Sequence[int]]) -> set[int]:
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
        return f"Labelled {label} and predicted so: {images}"
    return f"Labelled {label}, predicted {said}: {images}"


def _tile(found: HeldOut, classes: Sequence[str], row: int) -> Tile:
    label, said = int(found.labels[row]), int(found.predicted[row])
    lines = [Said("predicted", classes[said], float(found.probabilities[row, said]))]
    if label != said:
        lines.append(Said("label", classes[label], float(found.probabilities[row, label])))
    return Tile(found.sample_ids[row], tuple(lines))
