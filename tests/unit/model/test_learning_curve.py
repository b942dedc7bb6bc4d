"""A curve whose power is known, and one from features."""

import numpy as np
import pytest
from fact.model.learning_curve import Curve, error_curve, expected_gains, random_part


def power_curve(power: float, images: int = 400, at_100: float = 0.3, seed: int = 0) -> Curve:
    sizes = np.array([25, 35, 50, 65, 80])
    random = np.random.default_rng(seed)
    rates = at_100 * (sizes / 100) ** -power
    errors = (random.random((len(sizes), images)) < rates[:, None]).astype(float)
    return Curve(sizes, errors, np.arange(images))


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


def test_groups_are_drawn_whole_and_never_all_of_them() -> None:
    random, groups = np.random.default_rng(0), np.repeat(np.arange(6), [1, 9, 4, 2, 8, 6])
    for size in (1, 10, 25, 29):
        part = random_part(groups, size, random)
        assert all(len(set(part[groups == group])) == 1 for group in range(6))
        assert part.any() and not part.all()


def test_without_groups_a_part_is_a_random_draw_of_just_that_size() -> None:
    part = random_part(np.arange(50), 20, np.random.default_rng(3))
    expected = np.random.default_rng(3).permutation(50)[:20]
    assert sorted(np.flatnonzero(part)) == sorted(expected)


def test_groups_that_tell_the_class_by_themselves_give_no_credit() -> None:
    # each group has its own place, so that an image is known by its group alone, and new groups are not
    random, groups = np.random.default_rng(0), np.repeat(np.arange(24), 5)
    labels = random.integers(0, 2, 24)[groups]
    features = (random.normal(size=(24, 32))[groups] + 0.05 * random.normal(size=(120, 32))).astype(
        np.float32
    )
    alone, together = (error_curve(features, labels, 2, 1e4, 0, number) for number in (None, groups))
    assert np.nanmean(alone.errors[-1]) < 0.1
    assert np.nanmean(together.errors[-1]) > 0.3


def test_too_few_groups_give_no_curve() -> None:
    features, labels = np.zeros((40, 2), np.float32), np.arange(40) % 2
    assert error_curve(features, labels, 2, 1.0, 0, np.arange(40) // 10) is None


def test_too_few_labels_give_no_curve() -> None:
    assert error_curve(np.zeros((10, 2), np.float32), np.arange(10) % 2, 2, 1.0, 0) is None
