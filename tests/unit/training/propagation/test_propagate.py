"""Propagated labels on made-up pools: with structure, without, and at their edges."""

from collections.abc import Mapping

import numpy as np
import pytest
from fact.infra.errors import ConfigError
from fact.training.propagation.propagate import PropagationSpec, propagate, read_propagation

SPEC = PropagationSpec()
SETTINGS = {
    "neighbours": 10,
    "alpha": 0.95,
    "temperature": 0.1,
    "equal_classes": "estimated",
    "pseudocount": 0.01,
}


def rings(counts: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Long thin clusters, one per class, of which a few labels say little without their neighbours."""
    generator = np.random.default_rng(seed)
    classes = np.repeat(np.arange(len(counts)), counts)
    angle = generator.uniform(0, np.pi, len(classes)) + classes * np.pi / 20
    height = 1.5 * classes
    features = np.stack([np.cos(angle), np.sin(angle), height, np.ones(len(classes))], axis=1)
    return features + 0.03 * generator.standard_normal(features.shape), classes


def weak(classes: np.ndarray, count: int, right: float = 0.5, seed: int = 1) -> np.ndarray:
    """Predictions of which a share is right, with the confidence that they deserve."""
    generator = np.random.default_rng(seed)
    said = np.where(
        generator.random(len(classes)) < right, classes, generator.integers(0, count, len(classes))
    )
    probabilities = np.full((len(classes), count), (1 - right) / count, np.float32)
    probabilities[np.arange(len(classes)), said] += right
    return probabilities


def some(classes: np.ndarray, each: int = 3) -> np.ndarray:
    return np.concatenate([np.flatnonzero(classes == name)[:each] for name in np.unique(classes)])


def accuracy(probabilities: np.ndarray, classes: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == classes).mean())


def test_structure_is_worth_much_more_than_the_head() -> None:
    features, classes = rings((200, 200, 200))
    predicted, labelled = weak(classes, 3), some(classes)
    result = propagate(features, labelled, classes[labelled], predicted, SPEC)
    assert accuracy(predicted, classes) < 0.75 and accuracy(result.probabilities, classes) > 0.95
    assert result.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (result.probabilities[labelled, classes[labelled]] == 1).all()
    assert result.power > 0.5


def test_a_pool_without_structure_changes_nothing() -> None:
    _, classes = rings((200, 200, 200))
    features = np.random.default_rng(3).standard_normal((600, 64))
    predicted, labelled = weak(classes, 3), some(classes)
    result = propagate(features, labelled, classes[labelled], predicted, SPEC)
    assert result.power < 0.3
    assert accuracy(result.probabilities, classes) >= accuracy(predicted, classes) - 0.01


def test_shares_of_classes_are_found_where_they_are_not_equal() -> None:
    features, classes = rings((400, 80, 40))
    predicted, labelled = weak(classes, 3), some(classes)
    found = propagate(features, labelled, classes[labelled], predicted, SPEC).prior
    assert found == pytest.approx([400 / 520, 80 / 520, 40 / 520], abs=0.06)
    equal = PropagationSpec(equal_classes=True)
    assert propagate(features, labelled, classes[labelled], predicted, equal).prior == pytest.approx(
        [1 / 3] * 3
    )


@pytest.mark.parametrize("equal_classes", [True, False, "estimated"])
def test_a_class_without_a_label_stays_what_the_head_makes_of_it(equal_classes: object) -> None:
    features, classes = rings((100, 100))
    predicted = np.concatenate([weak(classes, 2), np.full((200, 1), 1e-4, np.float32)], axis=1)
    labelled = some(classes)
    spec = PropagationSpec(equal_classes=equal_classes)
    result = propagate(features, labelled, classes[labelled], predicted, spec)
    assert np.isfinite(result.probabilities).all() and (result.probabilities.argmax(axis=1) < 2).all()


def test_labels_of_one_class_a_whole_labelled_pool_and_a_tiny_one() -> None:
    features, classes = rings((30, 30))
    predicted = weak(classes, 2)
    alone = np.flatnonzero(classes == 1)[:3]
    one = propagate(features, alone, classes[alone], predicted, SPEC)
    assert np.isfinite(one.probabilities).all()
    everyone = np.arange(60)
    whole = propagate(features, everyone, classes, predicted, SPEC)
    assert (whole.probabilities == np.eye(2)[classes]).all()
    tiny = propagate(features[[0, 40]], np.array([0]), np.array([0]), predicted[[0, 40]], SPEC)
    assert np.isfinite(tiny.probabilities).all()


def test_power_zero_is_the_head_alone() -> None:
    features, classes = rings((50, 50))
    predicted, labelled = weak(classes, 2), some(classes)
    spec = PropagationSpec(equal_classes=False, power=0.0)
    result = propagate(features, labelled, classes[labelled], predicted, spec)
    rest = np.setdiff1d(np.arange(100), labelled)
    assert result.probabilities[rest] == pytest.approx(predicted[rest], abs=1e-6)
    assert result.power == 0


def test_copies_get_the_label_of_their_twin() -> None:
    features, classes = rings((50, 50))
    twins, names = np.repeat(features, 4, axis=0), np.repeat(classes, 4)
    predicted, labelled = weak(names, 2), some(names, each=1)
    result = propagate(twins, labelled, names[labelled], predicted, SPEC)
    for row in labelled:
        assert (result.probabilities[row : row + 4].argmax(axis=1) == names[row]).all()


def test_equal_inputs_give_equal_bytes() -> None:
    features, classes = rings((200, 200))
    predicted, labelled = weak(classes, 2), some(classes)
    first, second = (propagate(features, labelled, classes[labelled], predicted, SPEC) for _ in range(2))
    assert (first.probabilities == second.probabilities).all() and first.power == second.power


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"alpha": 1.0}, r"alpha = 1\.0; use a number between 0 and 1"),
        ({"equal_classes": "maybe"}, "equal_classes = 'maybe'; use true, false or estimated"),
        ({"power": 3}, "power = 3; use estimated, or a number from 0 to 2"),
        ({"neighbours": 0}, "neighbours = 0; use a number above 0"),
    ],
)
def test_settings_that_make_no_sense(change: Mapping[str, object], problem: str) -> None:
    assert read_propagation(SETTINGS) == SPEC
    with pytest.raises(ConfigError, match=problem):
        read_propagation({**SETTINGS, **change})
