"""Pseudo-labels by distribution calibration."""

from functools import partial

import numpy as np
import pytest
import torch
from fact.selection.algorithms import virtual_features
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import unit_rows
from fact.selection.calibrations import activedc
from fact.selection.calibrations.activedc import calibrate, class_models, tukey
from pools import clustered_pool

rows = partial(np.array, dtype=np.int64)


def blobs(per_class: int = 40, classes: int = 4, spread: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Well-separated groups around orthogonal directions, and their labels."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), per_class)
    centres = np.eye(classes, 16, dtype=np.float32)[labels]
    return centres + spread * generator.standard_normal((len(labels), 16)).astype(np.float32), labels


def models(pool, owner, labelled, labels, beta, xi=0.0, xi_mode="scalar_all"):
    return dict(class_models(pool, rows(owner), rows(labelled), rows(labels), beta, xi, xi_mode))


def test_tukey_is_odd_and_the_identity_at_power_one() -> None:
    values = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    assert np.array_equal(tukey(-values, 0.5), -tukey(values, 0.5))
    assert np.array_equal(tukey(values, 1.0), values)
    assert np.allclose(tukey(values, 0.5) ** 2, np.abs(values), atol=1e-6)


def test_a_class_lies_between_its_cluster_and_its_images() -> None:
    pool = np.array([[0, 0], [2, 0], [4, 6], [9, 9]], np.float32)
    arguments = (pool, [0, 0, 0, 1], [0, 1], [5, 5])
    assert np.allclose(models(*arguments, beta=0.0)[5].mean, [2, 2])
    assert np.allclose(models(*arguments, beta=1.0)[5].mean, [1, 0])
    assert np.allclose(models(*arguments, beta=0.25)[5].mean, [1.75, 1.5])


@pytest.mark.parametrize(("mode", "bump"), [("scalar_all", np.ones((2, 2))), ("identity", np.eye(2))])
def test_the_covariance_is_the_cluster_s_and_widened(mode: str, bump: np.ndarray) -> None:
    pool = clustered_pool(20, 2, 1)
    factor = models(pool, [0] * 20, [3], [0], beta=0.5, xi=0.2, xi_mode=mode)[0].factor
    assert np.allclose(factor @ factor.T, np.cov(pool, rowvar=False) + 0.2 * bump, atol=1e-6)


def test_the_cluster_of_a_class_holds_most_of_its_images_and_may_be_shared() -> None:
    pool = np.arange(6, dtype=np.float32)[:, None] * np.ones((1, 2), np.float32)
    found = models(pool, [0, 0, 0, 1, 1, 1], [0, 1, 3, 2], [7, 7, 7, 8], beta=0.0)
    assert np.allclose(found[7].mean, [1, 1]) and np.allclose(found[8].mean, [1, 1])


def test_without_spread_it_is_the_nearest_image_to_the_calibrated_mean() -> None:
    """Two copies per cluster: Σ = 0, and the nearest image that is not labelled is the other copy."""
    pool = np.repeat(np.eye(3, 8, dtype=np.float32), 2, axis=0)
    found = calibrate(pool, rows([0, 2, 4]), rows([2, 0, 1]), 3, 0, alpha=0.5, xi=0.0, max_redraws=1)
    # argmax of equal products is the first copy, which is labelled: nothing is found
    assert len(found.indices) == 0
    found = calibrate(pool, rows([1, 3, 5]), rows([2, 0, 1]), 3, 0, alpha=0.5, xi=0.0, max_redraws=1)
    assert found.indices.tolist() == [0, 2, 4] and found.labels.tolist() == [2, 0, 1]
    assert found.sources.tolist() == [1, 3, 5]


@pytest.mark.parametrize("xi_mode", ["scalar_all", "identity"])
@pytest.mark.parametrize("transport_filter", [False, True])
def test_new_images_are_distinct_and_not_labelled(xi_mode: str, transport_filter: bool) -> None:
    pool, labels = blobs()
    labelled = rows([0, 1, 50, 90, 130, 131])
    options = {"alpha": 0.1, "xi": 0.01, "xi_mode": xi_mode, "transport_filter": transport_filter}
    found = calibrate(pool, labelled, labels[labelled], 4, 3, **options)
    assert len(set(found.indices.tolist())) == len(found.indices)
    assert not set(found.indices.tolist()) & set(labelled.tolist())
    assert len(found.indices) <= 2 * len(labelled) and set(found.sources.tolist()) <= set(labelled.tolist())
    assert np.array_equal(found.labels, labels[found.sources])


def test_separated_classes_get_pure_labels() -> None:
    pool, labels = blobs()
    labelled = rows([0, 45, 85, 125, 20, 60, 100, 140])
    found = calibrate(pool, labelled, labels[labelled], 4, 0, alpha=0.1, xi=0.0)
    assert len(found.indices) >= len(labelled)
    assert (found.labels == labels[found.indices]).mean() == 1


def test_the_same_seed_gives_the_same_images() -> None:
    pool, labels = blobs()
    labelled = rows([0, 45, 85, 125])
    one, again, other = (
        calibrate(pool, labelled, labels[labelled], 4, seed, alpha=0.1) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(left, right) for left, right in zip(one, again, strict=True))
    assert not np.array_equal(one.indices, other.indices)


def test_an_exhausted_pool_ends() -> None:
    pool, labels = blobs(per_class=2)
    labelled = np.arange(8)
    assert len(calibrate(pool, labelled, labels, 4, 0, alpha=0.1).indices) == 0


def test_a_cluster_of_one_image_has_no_covariance() -> None:
    pool = np.eye(3, dtype=np.float32)
    assert len(calibrate(pool, rows([0]), rows([1]), 3, 0, alpha=0.1, xi=0.0).indices) <= 2


@pytest.mark.parametrize("wrong", [{"alpha": -1.0}, {"xi_mode": "none"}, {"power": 0.0}, {"max_redraws": 0}])
def test_impossible_parameters_are_refused(wrong: dict) -> None:
    pool, labels = blobs(per_class=3)
    with pytest.raises(ValueError, match="activedc: "):
        calibrate(pool, rows([0]), labels[:1], 4, 0, **{"alpha": 0.1, **wrong})


def test_clusters_of_a_sample_stand_for_the_pool() -> None:
    pool, labels = blobs(per_class=200)
    labelled = rows([0, 250, 450, 650, 20, 260, 500, 700])
    found = calibrate(pool, labelled, labels[labelled], 4, 0, alpha=0.1, xi=0.0, sample=20)
    assert len(found.indices) >= len(labelled)
    assert (found.labels == labels[found.indices]).mean() == 1


def test_the_pool_is_transformed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    features = clustered_pool(50, 6, 3).astype(np.float16)
    whole = activedc.transformed(features, 0.5)
    monkeypatch.setattr(activedc, "BLOCK", 7)
    assert np.array_equal(activedc.transformed(features, 0.5), whole)
    assert np.array_equal(whole, tukey(unit_rows(features), 0.5)) and whole.dtype == np.float32


@pytest.mark.parametrize("size", [1, 2])
def test_labels_taken_together_find_what_one_after_another_finds(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pool so small that most labels need many rounds, and some find nothing."""
    pool, labels = blobs(per_class=25, spread=0.3)
    labelled = np.arange(0, 100, 3)
    options = {"alpha": 0.1, "xi": 0.05, "draws": size, "max_redraws": 12}
    found = calibrate(pool, labelled, labels[labelled], 4, 5, **options)
    expected = one_after_another(pool, labelled, labels[labelled], size=size, rounds=12, seed=5)
    assert list(zip(*(part.tolist() for part in found), strict=True)) == expected
    assert len({source for _, _, source in expected}) < len(labelled)
    monkeypatch.setattr(virtual_features, "BUSY_PASS", 1)
    again = calibrate(pool, labelled, labels[labelled], 4, 5, **options)
    assert np.array_equal(again.indices, found.indices)


def one_after_another(
    features: np.ndarray, labelled: np.ndarray, labels: np.ndarray, size: int, rounds: int, seed: int
) -> list[tuple[int, int, int]]:
    """The released loop, in float64: each label draws until it finds, and looks at the whole pool."""
    pool = tukey(unit_rows(features), 0.5)
    owner = cluster(torch.from_numpy(pool), 4, seed, iterations=300, restarts=10).owner
    beta = 1 - np.exp(-0.1 * 100 * len(labelled) / len(pool))
    classes = dict(class_models(pool, owner, labelled, labels, beta, 0.05, "scalar_all"))
    taken, result = set(labelled.tolist()), []
    for number, (row, label) in enumerate(zip(labelled.tolist(), labels.tolist(), strict=True)):
        for turn in range(rounds):
            noise = np.random.default_rng([seed, number, turn]).standard_normal((size, pool.shape[1]))
            virtual = classes[label].mean + noise @ classes[label].factor.T
            nearest = (pool.astype(np.float64) @ virtual.T).argmax(axis=0).tolist()
            new = [index for index in dict.fromkeys(nearest) if index not in taken]
            if new:
                taken.update(new)
                result += [(index, label, row) for index in new]
                break
    return result
