"""The graph, and spreading against the inverse of the matrix in float64."""

import numpy as np
import pytest
from fact.training.propagation import graph
from fact.training.propagation.graph import affinity, spread
from fact.training.propagation.neighbours import Neighbours, nearest_neighbours


def joined(images: int = 60) -> np.ndarray:
    features = np.random.default_rng(1).standard_normal((images, 6))
    return affinity(nearest_neighbours(features, 5), 0.1)


def test_it_is_symmetric_and_no_eigenvalue_exceeds_one() -> None:
    dense = joined().toarray().astype(np.float64)
    assert dense == pytest.approx(dense.T, abs=1e-6) and (np.diag(dense) == 0).all()
    assert np.abs(np.linalg.eigvalsh(dense)).max() == pytest.approx(1, abs=1e-5)


def test_weights_fall_with_the_cosine() -> None:
    cosines = np.array([[1.0], [1.0], [0.8]], np.float32)
    pair = Neighbours(np.array([[1], [0], [0]]), cosines)
    dense = affinity(pair, 0.1).toarray()
    near, far = 1.0, np.exp(-0.2 / 0.1)
    degrees = np.array([near + far, near, far])
    assert dense[0, 1] == pytest.approx(near / np.sqrt(degrees[0] * degrees[1]), rel=1e-5)
    assert dense[0, 2] == pytest.approx(far / np.sqrt(degrees[0] * degrees[2]), rel=1e-5)


@pytest.mark.parametrize("columns", [1, 2, 32])
def test_spreading_is_the_inverse(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(graph, "COLUMNS", columns)
    matrix, labelled, labels = joined(), np.array([0, 7, 8, 30]), np.array([0, 2, 2, 1])
    reached = spread(matrix, labelled, labels, 4, alpha=0.9)
    known = np.zeros((60, 4))
    known[labelled, labels] = 1
    inverse = np.linalg.inv(np.eye(60) - 0.9 * matrix.toarray().astype(np.float64))
    assert reached == pytest.approx(0.1 * inverse @ known, abs=1e-5)
    assert (reached[:, 3] == 0).all()


def test_an_image_without_neighbours_is_reached_by_nothing() -> None:
    lonely = Neighbours(np.array([[1], [0], [-1]]), np.array([[0.9], [0.9], [-1]], np.float32))
    reached = spread(affinity(lonely, 0.1), np.array([0]), np.array([0]), 2, alpha=0.9)
    assert (reached[2] == 0).all() and (reached[:2, 0] > 0).all()
