"""Margin and entropy sampling, by hand."""

import numpy as np
import pytest
from fact.selection.probabilities import Probabilities
from fact.selection.second_steps import entropy, margin

FEATURES = np.eye(4, dtype=np.float32)
# entropies: ln 2, about 0.33, 0, ln 3; margins 0, 0.8, 1, 0
PROBABILITIES = Probabilities.of_array(
    np.array([[0.5, 0.5, 0], [0.9, 0.1, 0], [1, 0, 0], [1 / 3, 1 / 3, 1 / 3]])
)
NONE = np.array([], np.int64)


def test_entropy_prefers_three_even_classes_to_two() -> None:
    found = entropy.select(FEATURES, PROBABILITIES, NONE, 4, 0)
    assert found.indices.tolist() == [3, 0, 1, 2]
    assert found.scores.tolist() == pytest.approx([np.log(3), np.log(2), 0.325083, 0], abs=1e-6)


def test_margin_sees_the_two_likeliest_classes_alone() -> None:
    found = margin.select(FEATURES, PROBABILITIES, NONE, 4, 0)
    assert found.indices.tolist() == [0, 3, 1, 2]
    assert found.scores.tolist() == pytest.approx([1, 1, 0.2, 0], abs=1e-6)


def test_what_is_labelled_is_passed_over() -> None:
    assert entropy.select(FEATURES, PROBABILITIES, np.array([3]), 2, 0).indices.tolist() == [0, 1]
