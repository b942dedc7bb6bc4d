"""The matrix of held-out images, and which images are behind its numbers."""

import numpy as np
import pytest
from fact.model.held_out import HeldOut
from fact.project.model_page.confusions import IMAGES, PAIRS, SQUARE, Confusions, confusions

CLASSES = ["cat", "dog", "cow"]


def held_out(pairs: list[tuple[int, int]], classes: int, left_out: int = 0) -> HeldOut:
    """One image for each pair of label and prediction; later ones are surer."""
    rows = np.arange(len(pairs))
    sure = np.full((len(pairs), classes), 0.1)
    sure[rows, [said for _, said in pairs]] = 0.5 + rows / (3 * len(pairs))
    return HeldOut([str(row) for row in rows], np.array([label for label, _ in pairs]), sure, left_out)


def behind(found: Confusions, label: int, said: int) -> list[str]:
    return [tile.sample_id for tile in found.rows[label].cells[said].behind.tiles]


def test_every_number_has_its_images_the_surest_first() -> None:
    found = confusions(held_out([(0, 0), (0, 1), (0, 1), (1, 1)], 3, left_out=2), CLASSES)
    assert (found.right, found.images, found.left_out) == (2, 4, 2)
    assert [(row.right, row.held_out) for row in found.rows] == [(1, 3), (1, 1), (0, 0)]
    assert behind(found, 0, 1) == ["2", "1"] and behind(found, 0, 0) == ["0"]
    assert found.rows[0].cells[2] is None and found.rows[2].cells == (None, None, None)
    [(label, said, of, cell)] = found.pairs
    assert (label, said, of, cell.count) == ("cat", "dog", 3, 2)
    assert cell.caption == "Labelled cat, predicted dog: 2 images" and cell.shade == 7
    said = [(line.about, line.name) for line in cell.behind.tiles[0].said]
    assert said == [("predicted", "dog"), ("label", "cat")]


def test_many_images_are_dealt_to_all_numbers_wrong_ones_first() -> None:
    pairs = [(0, 0)] * 300 + [(0, 1)] * 100 + [(1, 0)]
    found = confusions(held_out(pairs, 3), CLASSES)
    shown = [len(cell.behind.tiles) for cell in found.cells]
    assert sum(shown) == IMAGES and len(behind(found, 1, 0)) == 1 and len(behind(found, 0, 0)) > 60
    assert all(len(cell.behind.tiles) + cell.behind.more == cell.count for cell in found.cells)


@pytest.mark.parametrize("classes", [SQUARE, SQUARE + 1])
def test_beyond_a_number_of_classes_the_most_frequent_confusions_are_listed(classes: int) -> None:
    wrong = [(row, (row + step) % classes) for row in range(classes) for step in (1, 2)]
    pairs = [*wrong, (3, 4), *((row, row) for row in range(classes))]
    found = confusions(held_out(pairs, classes), [f"class {number}" for number in range(classes)])
    square = classes <= SQUARE
    assert found.is_square == square and found.pairs[0][:2] == ("class 3", "class 4")
    listed = len(wrong) if square else PAIRS
    assert (len(found.pairs), found.more_pairs) == (listed, len(wrong) - listed)
    assert len(found.cells) == classes + len(found.pairs)
    counted = sum(cell.count for cell in found.cells)
    assert sum(len(cell.behind.tiles) for cell in found.cells) == min(IMAGES, counted)
