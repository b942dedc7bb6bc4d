import numpy as np
import pytest
from fact.report.page.album import Album
from fact.report.page.confusions import CELLS, SHOWN, SQUARE, confusions_section, counted, most_frequent
from table_scores import frame, score

NAMES = ["cat", "dog"]
RECORDS = {
    "a": {"confusion": ["0:3 1:1", "1:4"], "confused": ["0>1: 2"]},
    "b": {"confusion": ["0:1 1:3", "0:1 1:3"]},
}
ALBUMS = {"digits": Album({"c.png": 7}, ["a.png", "b.png", "c.png"], None)}


def drawings(section) -> list[str]:
    return [str(figure.svg) for part in section.parts for figure in part.figures]


def test_counts_of_all_seeds_are_added_by_true_and_predicted_class():
    assert counted([*RECORDS.values(), {}], 2).tolist() == [[4, 4], [1, 7]]


def test_cells_hold_numbers_and_axes_names_alone():
    (drawn,) = drawings(confusions_section(frame(score(0.5, path="a")), RECORDS, {"digits": NAMES}, {}))
    assert ">75<" in drawn and ">25<" in drawn and ">100<" in drawn
    assert drawn.count(">cat<") == drawn.count(">dog<") == 2 and "0 cat" not in drawn
    assert "cat, taken for dog: 1 of 4" in drawn


def test_images_behind_a_cell_are_named_by_their_number_on_the_page():
    (drawn,) = drawings(confusions_section(frame(score(0.5, path="a")), RECORDS, {"digits": NAMES}, ALBUMS))
    assert drawn.count("data-images") == 1 and 'data-images="7"' in drawn and 'tabindex="0"' in drawn


def test_of_many_classes_the_most_frequent_confusions_are_shown():
    many = SQUARE + 1
    counts = np.diag(100 - np.arange(many))
    counts[np.arange(many), (np.arange(many) + 1) % many] = np.arange(many)
    dots = most_frequent(counts, [f"n{number}" for number in range(many)], {(many - 1, 0): [3]})
    assert len(dots) == SHOWN and dots[0].name == f"n{many - 1} → n0" and list(dots[0].images) == [3]
    values = [dot.value for dot in dots]
    assert values == sorted(values, reverse=True) and values[0] == pytest.approx(many - 1)


def test_the_largest_budget_is_shown_and_the_best_method_first():
    column = ("digits", "vit", "50img")
    scores = frame(
        score(0.9, path="a"),
        score(0.5, path="b", column=column),
        score(0.6, path="a", method="FF", column=column),
    )
    (part,) = confusions_section(scores, RECORDS, {"digits": NAMES}, {}).parts
    captions = [figure.caption for figure in part.figures]
    assert captions == [
        "digits · vit · 50img: FF, activeft, 60.0 %",
        "digits · vit · 50img: LP, activeft, 50.0 %",
    ]


def test_of_very_many_methods_the_best_are_shown_and_the_page_says_so():
    scores = frame(*(score(0.5, path="a", method=f"m{number}") for number in range(CELLS)))
    names = [f"c{number}" for number in range(SQUARE)]
    (part,) = confusions_section(scores, RECORDS, {"digits": names}, {}).parts
    assert (
        len(part.figures) == CELLS // SQUARE**2
        and part.note == f"The best {len(part.figures)} of {CELLS} are shown."
    )


def test_records_without_a_matrix_are_passed_over():
    section = confusions_section(frame(score(0.5, path="a")), {"a": {}}, {"digits": NAMES}, {})
    assert not section.parts
