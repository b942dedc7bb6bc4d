"""How many images count for one: closed forms, and the coverage of the interval by simulation."""

import numpy as np
import pytest
from fact.model.design_effect import design_effect, kish
from fact.model.estimate import LEVEL, interval
from scipy.stats import t


def test_images_that_stand_alone_count_each() -> None:
    assert design_effect([1, 0, 1, 1], np.arange(4)) == 1
    assert design_effect([1.0], [0]) == 1


def test_equal_groups_that_agree_count_as_one_image_each() -> None:
    # of 40 groups of 5 images half are right: the variance is that of 40 images, but for degrees of freedom
    right, groups = np.repeat(np.arange(40) % 2, 5), np.repeat(np.arange(40), 5)
    lost = t.ppf(0.95, 39) / t.ppf(0.95, 199)
    assert design_effect(right, groups) == pytest.approx(40 / 39 * 5 * lost**2)


def test_where_all_are_right_a_group_counts_as_one_image() -> None:
    assert design_effect(np.ones(12), np.repeat(np.arange(4), 3)) == pytest.approx(3)
    assert design_effect(np.ones(12), np.repeat([0, 1], [2, 10])) == pytest.approx(12 / kish([2, 10]))


def test_one_group_says_as_much_as_one_image() -> None:
    assert design_effect([1, 0, 1, 1], [7, 7, 7, 7]) == 4


def coverage(count: int, size: int, alike: float, accuracy: float, interval_of) -> float:
    """How often an interval of the accuracy of images in groups holds it."""
    random, hits = np.random.default_rng(0), 0
    shape = [accuracy * (1 / alike - 1), (1 - accuracy) * (1 / alike - 1)]
    for _ in range(500):
        groups = np.repeat(np.arange(count), random.integers(1, 2 * size, count))
        right = (random.random(len(groups)) < random.beta(*shape, count)[groups]).astype(float)
        low, high = interval_of(right, groups)
        hits += low <= accuracy <= high
    return hits / 500


@pytest.mark.parametrize("count", [6, 20])
@pytest.mark.parametrize("alike", [0.1, 0.4, 0.8])
@pytest.mark.parametrize("accuracy", [0.5, 0.85])
def test_the_interval_covers(count: int, alike: float, accuracy: float) -> None:
    found = coverage(
        count,
        10,
        alike,
        accuracy,
        lambda right, groups: interval(right.mean(), len(right) / design_effect(right, groups)),
    )
    assert found >= LEVEL - 0.06


def test_an_interval_that_takes_frames_for_images_does_not() -> None:
    assert coverage(20, 10, 0.4, 0.5, lambda right, _: interval(right.mean(), len(right))) < 0.7
