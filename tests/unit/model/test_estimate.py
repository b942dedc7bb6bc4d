"""The estimate against closed forms and simulations of what it claims."""

from dataclasses import asdict

import numpy as np
import pytest
from fact.model.estimate import (
    ClassMeasured,
    Measured,
    class_shares,
    effective_images,
    estimate,
    inflation,
    interval,
    moved,
    nested_correct,
    read_measured,
    weighted,
)
from scipy.stats import binomtest


def measured(*classes: tuple[int, int, float | None], confidence: float = 0.7) -> Measured:
    """What was measured of classes, each ``(labels, held out, accuracy)``."""
    rows = [
        ClassMeasured(labels, held_out, accuracy, None if accuracy is None else confidence)
        for labels, held_out, accuracy in classes
    ]
    held_out, labelled = sum(row.held_out for row in rows), sum(row.labels for row in rows)
    right = sum(row.held_out * (row.accuracy or 0) for row in rows)
    return Measured(right / held_out if held_out else None, held_out, labelled, 4, rows)


def test_the_interval_is_clopper_and_pearsons_on_whole_images() -> None:
    exact = binomtest(17, 40).proportion_ci(0.9, method="exact")
    assert interval(17 / 40, 40) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_the_interval_of_all_or_none_right_is_open_on_one_side(accuracy: float) -> None:
    low, high = interval(accuracy, 10)
    # the exact one-sided limit: (tail) ** (1 / n)
    assert (low, high) == pytest.approx((0.05**0.1, 1.0) if accuracy else (0.0, 1 - 0.05**0.1))


def test_folds_that_share_images_count_for_fewer() -> None:
    assert inflation(5) == pytest.approx(2.25)
    independent, folded = interval(0.8, 100), interval(0.8, 100 / inflation(5))
    assert folded[0] < independent[0] < 0.8 < independent[1] < folded[1]


def test_the_best_of_many_useless_recipes_is_not_taken_at_its_word() -> None:
    random = np.random.default_rng(0)
    naive, nested = [], []
    for seed in range(20):
        correct = (random.random((8, 60)) < 0.5).astype(float)
        losses = 1 - correct
        naive.append(correct.mean(1).max())
        nested.append(nested_correct(losses, correct, seed).mean())
    assert np.mean(naive) > 0.57
    assert abs(np.mean(nested) - 0.5) < 0.02


def test_a_single_recipe_is_its_own_mean() -> None:
    correct = np.array([[1.0, 0.0, 1.0, 1.0]])
    assert nested_correct(1 - correct, correct, 0).tolist() == [1, 0, 1, 1]


def test_nothing_held_out_means_nothing_known() -> None:
    found = estimate(Measured(None, 0, 10, 0), np.full((5, 2), 0.5))
    assert (found.accuracy, found.low, found.high, found.shift) == (None, 0.0, 1.0, None)


def test_without_a_pool_classes_count_alike_however_many_labels_they_have() -> None:
    found = estimate(measured((30, 30, 0.9), (10, 10, 0.3)))
    # of images 27 + 3 of 40; of classes (0.9 + 0.3) / 2
    assert (found.by_image, found.by_class) == pytest.approx((0.75, 0.6))
    assert found.accuracy == found.by_class and found.shift is None
    # weights of 1/60 and 1/20 a image: Kish's number
    count = 1 / (30 / 60**2 + 10 / 20**2)
    assert effective_images(np.array([0.5, 0.5]), [30, 10]) == pytest.approx(count)
    low = interval(0.6, count / inflation(4))[0]
    high = interval(0.75, 40 / inflation(4))[1]
    assert (found.low, found.high) == pytest.approx((low, high))


def test_equal_weights_of_equal_classes_are_the_images_themselves() -> None:
    assert effective_images(np.full(4, 0.25), [5, 5, 5, 5]) == pytest.approx(20)
    found = estimate(measured(*[(5, 5, 0.6)] * 4))
    assert found.by_image == pytest.approx(found.by_class)


def test_a_pool_of_one_class_moves_the_shares_halfway_there() -> None:
    classes = measured((10, 10, 0.9), (10, 10, 0.3)).classes
    pool = np.tile([1 - 1e-9, 1e-9], (40, 1))
    # 40 images of the first class are seen, and 20 of each are taken as seen before
    assert class_shares(classes, pool) == pytest.approx([0.75, 0.25], abs=1e-6)
    assert weighted(np.array([0.75, 0.25]), [0.9, 0.3]) == pytest.approx(0.75)


def test_a_pool_that_says_nothing_leaves_classes_alike_whatever_the_labels() -> None:
    classes = measured((30, 30, 0.9), (10, 10, 0.3)).classes
    # what the labels alone make one expect: it says nothing of an image
    pool = np.tile([31 / 42, 11 / 42], (50, 1))
    assert class_shares(classes, pool) == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_class_that_was_not_held_out_has_no_share() -> None:
    classes = measured((5, 5, 0.8), (1, 0, None), (0, 0, None)).classes
    assert class_shares(classes, np.full((9, 3), 1 / 3)).tolist() == [1, 0, 0]


def test_half_of_what_the_confidence_says_moves_the_estimate() -> None:
    one = measured((50, 50, 0.8), (50, 50, 0.8), confidence=0.75)
    pool = np.array([[0.9, 0.1], [0.1, 0.9]])
    alone, shifted = estimate(one), estimate(one, pool)
    # odds of 3 became odds of 9: those of the accuracy, 4, become 4 times the root of 3
    odds = 4 * 3**0.5
    assert alone.accuracy == pytest.approx(0.8)
    assert shifted.accuracy == pytest.approx(odds / (1 + odds))
    assert shifted.shift == pytest.approx(odds / (1 + odds) - 0.8)
    # the interval reaches over the whole of it: odds of 12
    assert shifted.low == pytest.approx(alone.low)
    assert shifted.high == pytest.approx(interval(12 / 13, 100 / inflation(4))[1])


def test_an_empty_pool_is_none() -> None:
    one = measured((20, 20, 0.8), (20, 20, 0.6))
    assert estimate(one, np.empty((0, 2))) == estimate(one)


def test_a_confidence_of_one_leaves_a_share() -> None:
    assert 0 < moved(0.5, 1.0, 0.5) < 0.5 < moved(0.5, 0.5, 1.0) < 1


def test_classes_of_one_image_take_from_the_lower_end_alone() -> None:
    whole = estimate(measured((40, 40, 0.8), (40, 40, 0.8)))
    some = estimate(measured((40, 40, 0.8), (40, 40, 0.8), *[(1, 0, None)] * 20))
    assert some.low == pytest.approx(whole.low * 0.8**2)
    assert some.high == pytest.approx(whole.high * 0.8 + 0.2)


@pytest.mark.parametrize("accuracy", [0.0, 0.02, 0.98, 1.0])
@pytest.mark.parametrize("pool_confidence", [0.3, 0.999])
def test_the_estimate_stays_a_share(accuracy: float, pool_confidence: float) -> None:
    rest = (1 - pool_confidence) / 3
    pool = np.array([[pool_confidence, rest, rest, rest]])
    found = estimate(measured(*[(10, 10, accuracy)] * 4), pool)
    assert 0 <= found.low <= found.accuracy <= found.high <= 1
    assert (found.accuracy in (0, 1)) == (accuracy in (0, 1))


def test_what_was_measured_survives_json() -> None:
    one = measured((5, 5, 0.8), (1, 0, None))
    found = read_measured(asdict(one))
    assert list(found.classes) == list(one.classes) and estimate(found) == estimate(one)


def test_a_selection_of_easy_classes_does_not_raise_the_estimate() -> None:
    """The pool has as many images of each class; the selection has most of the easy one."""
    random, counts, truth = np.random.default_rng(1), (40, 10), (0.9, 0.4)
    errors = []
    for _ in range(200):
        rows = [
            (count, count, random.binomial(count, share) / count)
            for count, share in zip(counts, truth, strict=True)
        ]
        found = estimate(measured(*rows))
        errors.append((found.by_image - 0.65, found.by_class - 0.65))
    by_image, by_class = np.mean(errors, axis=0)
    assert by_image > 0.13 and abs(by_class) < 0.02
