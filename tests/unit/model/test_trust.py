"""Every hard case has its sentence."""

import pytest
from fact.model.estimate import Measured
from fact.model.trust import warnings

FINE = Measured(0.8, 20, 20, 4)


@pytest.mark.parametrize(
    "counts, measured, word",
    [
        ([1, 1, 1], Measured(None, 0, 3, 0), "No class has two"),
        ([4, 4, 4], Measured(None, 0, 12, 0), "No two groups of images"),
        ([10, 10, 0], FINE, "No label for c"),
        ([10, 10, 1], FINE, "One label for c"),
        ([10, 10, 3], FINE, "Fewer than 5 labels for c"),
        ([50, 1, 9], FINE, "a has 50 labels and b 1"),
    ],
)
def test_it_is_said(counts: list[int], measured: Measured, word: str) -> None:
    assert any(sentence.startswith(word) for sentence in warnings(counts, ["a", "b", "c"], measured))


def test_nothing_is_said_without_need() -> None:
    assert warnings([10, 12, 9], ["a", "b", "c"], FINE) == []
