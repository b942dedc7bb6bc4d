"""The estimate against closed forms and simulations of what it claims."""

import numpy as np
import pytest
from fact.model.estimate import Measured, estimate, inflation, interval, nested_accuracy
from scipy.stats import binomtest


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
        nested.append(nested_accuracy(losses, correct, seed))
    assert np.mean(naive) > 0.57
    assert abs(np.mean(nested) - 0.5) < 0.02


def test_a_single_recipe_is_its_own_mean() -> None:
    correct = np.array([[1.0, 0.0, 1.0, 1.0]])
    assert nested_accuracy(1 - correct, correct, 0) == 0.75


def test_nothing_held_out_means_nothing_known() -> None:
    found = estimate(Measured(None, None, 0, 10, 0), 0.9)
    assert found == (None, 0.0, 1.0, None)


def test_the_pool_shifts_the_estimate_and_widens_the_interval() -> None:
    measured = Measured(0.8, 0.75, 100, 100, 4)
    alone, shifted = estimate(measured, None), estimate(measured, 0.9)
    assert alone.accuracy == 0.8 and alone.shift is None
    # odds of 3 became odds of 9: those of the accuracy, 4, become 12
    assert shifted.accuracy == pytest.approx(12 / 13)
    assert shifted.shift == pytest.approx(12 / 13 - 0.8)
    assert shifted.low == alone.low and shifted.high > alone.high


def test_classes_of_one_image_take_from_the_lower_end_alone() -> None:
    whole, some = (
        estimate(Measured(0.8, 0.8, 80, 80, 4), None),
        estimate(Measured(0.8, 0.8, 80, 100, 4), None),
    )
    assert some.low == pytest.approx(whole.low * 0.8**2)
    assert some.high == pytest.approx(whole.high * 0.8 + 0.2)


@pytest.mark.parametrize("accuracy", [0.0, 0.02, 0.98, 1.0])
@pytest.mark.parametrize("pool_confidence", [0.3, 0.999])
def test_the_estimate_stays_a_share(accuracy: float, pool_confidence: float) -> None:
    found = estimate(Measured(accuracy, 0.7, 50, 50, 4), pool_confidence)
    assert 0 <= found.low <= found.accuracy <= found.high <= 1
    assert (found.accuracy in (0, 1)) == (accuracy in (0, 1))
