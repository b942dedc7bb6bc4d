"""What a selection is worth as a picture of its pool."""

import numpy as np
import pytest
from fact.selection import measures as selection_measures
from fact.selection.measures import measure_selection, nearest_similarity, sliced_transport
from pools import clustered_pool
from scipy.spatial.distance import cdist


def test_measures_agree_with_all_distances_in_float64() -> None:
    pool = clustered_pool(60, 8, 4)
    unit = pool.astype(np.float64) / np.linalg.norm(pool.astype(np.float64), axis=1, keepdims=True)
    picks = np.array([3, 17, 40, 59])
    found = measure_selection(pool, picks)
    to_picks, among = cdist(unit, unit[picks]).min(axis=1), cdist(unit[picks], unit[picks])
    np.fill_diagonal(among, np.inf)
    assert found["mean_distance"] == pytest.approx(to_picks.mean(), abs=1e-4)
    assert found["max_distance"] == pytest.approx(to_picks.max(), abs=1e-4)
    assert found["diversity"] == pytest.approx(among.min(axis=1).mean(), abs=1e-4)


def test_the_whole_pool_covers_itself_and_needs_no_transport() -> None:
    pool = clustered_pool(30, 8, 4)
    found = measure_selection(pool, np.arange(30))
    assert found["mean_distance"] < 1e-3 and found["transport"] < 1e-6


def test_twins_are_counted_and_leave_no_diversity() -> None:
    pool = np.eye(4, dtype=np.float32)[[0, 0, 1, 2]]
    found = measure_selection(pool, np.array([0, 1, 2]))
    assert found["twins"] == 2
    assert found["diversity"] == pytest.approx(np.sqrt(2) / 3)


def test_one_pick_has_no_other() -> None:
    found = measure_selection(np.eye(3, dtype=np.float32), np.array([1]))
    assert found["twins"] == 0 and found["diversity"] == 0
    assert found["mean_distance"] == pytest.approx(2 * np.sqrt(2) / 3)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = clustered_pool(50, 8, 4)
    whole = nearest_similarity(pool, pool[:7]), nearest_similarity(pool[:7], pool[:7], but_itself=True)
    monkeypatch.setattr(selection_measures, "BLOCK", 21)
    blocks = nearest_similarity(pool, pool[:7]), nearest_similarity(pool[:7], pool[:7], but_itself=True)
    for one, other in zip(whole, blocks, strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_transport_between_two_points_is_their_mean_shadow() -> None:
    """E|u·x| of a unit vector u in two dimensions is 2/π times the length of x."""
    rows = np.array([[0.0, 0.0]], np.float32), np.array([[3.0, 4.0]], np.float32)
    found = np.mean([sliced_transport(*rows, seed) for seed in range(200)])
    assert found == pytest.approx(5 * 2 / np.pi, rel=0.02)


def test_picks_that_miss_a_cluster_are_worse_in_every_way() -> None:
    pool = clustered_pool(80, 16, 4)
    labels = cdist(pool, pool[:1])[:, 0]
    near, spread = np.argsort(labels)[:8], np.argsort(labels)[::10]
    crowded, fair = measure_selection(pool, near), measure_selection(pool, spread)
    for name in ("mean_distance", "max_distance", "transport"):
        assert crowded[name] > fair[name]
