"""Nearest neighbours against all pairs, in small pools and through inverted lists."""

import numpy as np
import pytest
from fact.infra.errors import ArtifactError
from fact.training.propagation import neighbours
from fact.training.propagation.neighbours import nearest_neighbours


def pool(images: int, clusters: int = 40, width: int = 16) -> np.ndarray:
    generator = np.random.default_rng(0)
    centres = 2 * generator.standard_normal((clusters, width))
    return centres[generator.integers(0, clusters, images)] + generator.standard_normal((images, width))


def all_pairs(features: np.ndarray, count: int) -> np.ndarray:
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    return np.argsort(-cosines, axis=1)[:, :count]


def test_small_pools_are_searched_exactly() -> None:
    features = pool(300)
    found = nearest_neighbours(features, 5)
    assert (found.rows == all_pairs(features, 5)).all()
    assert (np.diff(found.cosines, axis=1) <= 0).all() and found.cosines.max() <= 1 + 1e-6


def test_lists_find_nearly_all_and_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    features = pool(3000)
    monkeypatch.setattr(neighbours, "EXACT", 1000)
    found, again = (nearest_neighbours(features, 10) for _ in range(2))
    wanted = all_pairs(features, 10)
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.rows, wanted, strict=True)])
    assert recall > 0.95
    assert (found.rows == again.rows).all() and (found.cosines == again.cosines).all()


def test_no_image_is_its_own_neighbour_even_among_copies() -> None:
    features = np.repeat(pool(4), 5, axis=0)
    found = nearest_neighbours(features, 3)
    assert (found.rows != np.arange(20)[:, None]).all()
    assert found.cosines == pytest.approx(1, abs=1e-5)


def test_a_pool_smaller_than_the_neighbours_asked_for() -> None:
    assert nearest_neighbours(pool(3), 10).rows.shape == (3, 2)
    assert nearest_neighbours(pool(1), 10).rows.shape == (1, 0)


def test_features_that_are_not_finite_and_rows_of_zeros() -> None:
    features = pool(20)
    features[3] = 0
    assert np.isfinite(nearest_neighbours(features, 4).cosines).all()
    features[4, 0] = np.nan
    with pytest.raises(ArtifactError, match=r"NaN or infinity; extract them again"):
        nearest_neighbours(features, 4)
