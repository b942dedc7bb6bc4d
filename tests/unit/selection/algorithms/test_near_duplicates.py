"""Near-copies leave the pool."""

import numpy as np
import pytest
from fact.selection.algorithms import near_duplicates
from fact.selection.algorithms.near_duplicates import representatives
from pools import clustered_pool


def by_hand(features: np.ndarray, threshold: float, labelled: list[int]) -> list[int]:
    unit = features.astype(np.float64) / np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)
    kept = list(labelled)
    for row in range(len(unit)):
        if row not in kept and (unit[kept] @ unit[row] < threshold).all():
            kept.append(row)
    return sorted(kept)


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("labelled", [[], [7, 60]])
def test_it_is_what_a_loop_over_the_pool_finds(
    threshold: float, labelled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "ROWS", 13)
    pool = clustered_pool(90, 6, 5)
    assert representatives(pool, threshold, np.array(labelled, int)).tolist() == by_hand(
        pool, threshold, labelled
    )


def test_exact_copies_go_and_the_first_stays() -> None:
    pool = np.repeat(clustered_pool(20, 16, 4), 3, axis=0)
    assert representatives(pool, 1.0).tolist() == list(range(0, 60, 3))


def test_copies_of_a_labelled_image_go_and_it_stays() -> None:
    pool = np.repeat(np.eye(3, dtype=np.float32), 2, axis=0)
    assert representatives(pool, 0.9, np.array([1])).tolist() == [1, 2, 4]


def test_norms_do_not_matter() -> None:
    pool = clustered_pool(30, 6, 3)
    assert np.array_equal(representatives(pool, 0.9), representatives(pool * np.arange(1, 31)[:, None], 0.9))


@pytest.mark.parametrize("threshold", [0, -0.5, 1.01])
def test_a_threshold_that_is_no_cosine_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match=f"near_duplicates is {threshold}"):
        representatives(np.eye(3, dtype=np.float32), threshold)
