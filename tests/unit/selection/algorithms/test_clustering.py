import numpy as np
import pytest
import torch
from fact.selection.algorithms.clustering import cluster, spread_rows
from fact.selection.algorithms.pool import unit_rows
from pools import clustered_pool
from threadpoolctl import threadpool_limits


@pytest.mark.parametrize("batch_size", [None, 100])
def test_separate_clusters_are_found(batch_size):
    pool = unit_rows(np.repeat(np.eye(6), 30, axis=0) + 0.05 * clustered_pool(180, 6, 1))
    clusters = cluster(pool, 6, seed=0, batch_size=batch_size)
    assert len({tuple(set(part.tolist())) for part in clusters.owner.reshape(6, 30)}) == 6
    for number, centre in enumerate(clusters.centres):
        mean = pool[clusters.owner == number].mean(axis=0)
        assert np.abs(centre - mean).max() < (1e-6 if batch_size is None else 0.03)


@pytest.mark.parametrize("batch_size", [None, 100])
def test_threads_change_no_bit(batch_size):
    pool, results, threads = unit_rows(clustered_pool(2000, 16, 20)), [], torch.get_num_threads()
    for count in (1, 4):
        with threadpool_limits(count, user_api="openmp"):
            results.append(cluster(pool, 40, seed=3, batch_size=batch_size))
    torch.set_num_threads(threads)
    assert results[0].centres.tobytes() == results[1].centres.tobytes()
    assert results[0].owner.tobytes() == results[1].owner.tobytes()


def test_the_pool_is_left_as_it_was():
    pool = unit_rows(clustered_pool(200, 8, 5))
    before = pool.copy()
    cluster(pool, 7, seed=0)
    assert np.array_equal(pool, before)


def test_first_centres_are_drawn_by_squared_distance():
    pool = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)  # squared distances to the first: 0.4 and 2
    draws = [spread_rows(pool, 2, np.random.default_rng(seed)).tolist() for seed in range(3000)]
    seconds = [second for first, second in draws if first == 0]
    assert np.mean(np.array(seconds) == 2) == pytest.approx(2 / 2.4, abs=0.04)
    assert 0 not in seconds
    assert np.mean([first == 0 for first, _ in draws]) == pytest.approx(1 / 3, abs=0.04)


def test_first_centres_differ_while_images_do():
    pool = np.tile(unit_rows(clustered_pool(5, 8, 5)), (20, 1))
    rows = spread_rows(pool, 9, np.random.default_rng(0))
    assert len(np.unique(pool[rows[:5]], axis=0)) == 5
