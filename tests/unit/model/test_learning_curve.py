"""A curve whose power is known, and one from features."""

import numpy as np
import pytest
from fact.model.learning_curve import Curve, error_curve, expected_gains


def power_curve(power: float, images: int = 400, at_100: float = 0.3, seed: int = 0) -> Curve:
    sizes = np.array([25, 35, 50, 65, 80])
    random = np.random.default_rng(seed)
    rates = at_100 * (sizes / 100) ** -power
    return Curve(sizes, (random.random((len(sizes), images)) < rates[:, None]).astype(float))


def test_the_gain_of_a_power_law_is_found() -> None:
    truth = 0.3 * (1 - 2**-0.5)
    gains = [
        expected_gains(power_curve(0.5, seed=seed), 0.3, 400, 100, 100, [100], seed)[0] for seed in range(20)
    ]
    assert np.mean([gain.accuracy for gain in gains]) == pytest.approx(truth, abs=0.01)
    assert sum(gain.low < truth < gain.high for gain in gains) >= 14


def test_a_flat_curve_does_not_promise() -> None:
    gains = [
        expected_gains(power_curve(0.0, seed=seed), 0.3, 400, 100, 100, [100], seed)[0] for seed in range(20)
    ]
    assert sum(gain.low < 0 < gain.high for gain in gains) >= 14


def test_an_uncertain_error_is_an_uncertain_gain() -> None:
    few, many = (expected_gains(power_curve(0.5), 0.3, n, 100, 100, [100], 0)[0] for n in (20, 2000))
    assert few.high - few.low > many.high - many.low


def test_an_error_of_fold_models_is_brought_to_all_labels() -> None:
    curve = power_curve(0.5)
    folds, whole = (expected_gains(curve, 0.3, 400, labels, 100, [100], 0)[0] for labels in (75, 100))
    assert folds.accuracy < whole.accuracy


@pytest.mark.parametrize("curve, error", [(None, 0.3), (power_curve(0.5), 0.0)])
def test_it_says_nothing_where_it_cannot(curve: Curve | None, error: float) -> None:
    assert expected_gains(curve, error, 400, 100, 100, [100], 0) == []


def test_curves_of_clusters_fall() -> None:
    random = np.random.default_rng(0)
    labels = np.arange(120) % 6
    features = (3 * np.eye(6, 12)[labels] + random.normal(size=(120, 12))).astype(np.float32)
    curve = error_curve(features, labels, 6, 1.0, 0)
    errors = np.nanmean(curve.errors, axis=1)
    assert errors[0] > errors[-1] and curve.sizes.tolist() == [30, 42, 60, 78, 96]


def test_too_few_labels_give_no_curve() -> None:
    assert error_curve(np.zeros((10, 2), np.float32), np.arange(10) % 2, 2, 1.0, 0) is None
