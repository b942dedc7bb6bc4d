import numpy as np
import pytest
from fact.project.labelling.advice import (
    ENOUGH,
    FIRST_C,
    Known,
    accuracy,
    chosen_C,
    look_again,
    more_labels,
    read_labels,
    similar_order,
    suggestions,
    validate,
)

CLASSES = ["hawk", "heron", "owl"]


@pytest.fixture
def known() -> Known:
    return known_of(spread=1.0)


def known_of(spread: float, groups: np.ndarray | None = None) -> Known:
    random = np.random.default_rng(0)
    centres = np.eye(3, 16) * 4
    features = centres[truth(90)] + spread * random.normal(size=(90, 16))
    return Known(features.astype(np.float32), features.astype(np.float32), groups)


def truth(count: int) -> np.ndarray:
    return np.arange(count) % 3


def labels_of(rows: range) -> dict[int, str]:
    return {row: CLASSES[row % 3] for row in rows}


def test_suggestions_name_every_image_without_a_label_and_are_right(known: Known) -> None:
    found = suggestions(known, read_labels(labels_of(range(30))), FIRST_C, 1.0)
    assert sorted(found) == list(range(30, 90))
    assert np.mean([name == CLASSES[row % 3] for row, (name, _) in found.items()]) > 0.9
    assert all(1 / 3 <= probability <= 1 for _, probability in found.values())


def test_a_temperature_makes_them_less_sure_and_names_the_same(known: Known) -> None:
    labels = read_labels(labels_of(range(30)))
    sure, unsure = (suggestions(known, labels, FIRST_C, temperature) for temperature in (1.0, 10.0))
    assert {row: name for row, (name, _) in sure.items()} == {row: name for row, (name, _) in unsure.items()}
    assert all(unsure[row][1] <= sure[row][1] for row in sure)


def test_accuracy_is_that_of_held_out_labels(known: Known) -> None:
    labels = read_labels(labels_of(range(60)))
    validated, choice = validate(known, labels, FIRST_C)
    found = accuracy(known, labels, FIRST_C, choice)
    right = (validated.logits["probe"].argmax(1) == labels.classes).mean()
    assert found["held_out"] == 60 and found["low"] <= right <= found["high"] and right > 0.9


def test_random_labels_have_no_accuracy_to_boast_of(known: Known) -> None:
    random = np.random.default_rng(1)
    labels = read_labels({row: CLASSES[random.integers(3)] for row in range(60)})
    found = accuracy(known, labels, FIRST_C, validate(known, labels, FIRST_C)[1])
    assert found["low"] < 1 / 3 < found["high"] and found["accuracy"] < 0.6


def test_few_labels_say_nothing(known: Known) -> None:
    labels = read_labels(labels_of(range(6)))
    validated, choice = validate(known, labels, FIRST_C)
    assert accuracy(known, labels, FIRST_C, choice) is None
    assert more_labels(known, labels, FIRST_C, validated, choice) is None
    assert look_again(labels, validated, choice) == [] and ENOUGH > 6


def test_a_wrong_label_is_to_be_looked_at_again(known: Known) -> None:
    labels = read_labels({**labels_of(range(60)), 4: "owl"})
    found = look_again(labels, *validate(known, labels, FIRST_C))
    assert found[0] == {"image": 4, "suggested": "heron"}


def test_groups_are_held_out_whole() -> None:
    known = known_of(1.0, groups=np.arange(90) // 6)
    validated, _ = validate(known, read_labels(labels_of(range(60))), FIRST_C)
    folds = validated.fold.reshape(-1, 6)
    assert (folds == folds[:, :1]).all()


def test_C_is_one_of_the_grid_and_more_labels_have_an_interval() -> None:
    known = known_of(spread=2.5)
    labels = read_labels(labels_of(range(60)))
    C = chosen_C(known, labels)
    gain = more_labels(known, labels, C, *validate(known, labels, C))
    assert C in (1.0, 10.0, 100.0, 1000.0)
    assert gain["labels"] == 20 and gain["low"] <= gain["accuracy"] <= gain["high"]


def test_likeness_puts_copies_beside_each_other() -> None:
    features = np.random.default_rng(0).normal(size=(10, 16)).astype(np.float32)
    features[7], features[3] = features[0] * 2, features[0] * 1.001
    order, numbers = similar_order(Known(features, features))
    assert sorted(order) == list(range(10)) and set(order[:3]) == {0, 3, 7}
    assert numbers[0] == numbers[3] == numbers[7] and len(set(numbers)) == 8
