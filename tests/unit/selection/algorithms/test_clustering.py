import numpy as np
import pytest
import torch
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.lloyd import in_batches, whole_pool
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.spread import spread_rows
from pools import clustered_pool
from sklearn.cluster import KMeans, MiniBatchKMeans


@pytest.mark.parametrize("batch_size", [None, 100])
def test_separate_clusters_are_found(batch_size):
    pool = unit_rows(np.repeat(np.eye(6), 30, axis=0) + 0.05 * clustered_pool(180, 6, 1))
    clusters = cluster(torch.from_numpy(pool), 6, seed=0, batch_size=batch_size)
    assert len({tuple(set(part.tolist())) for part in clusters.owner.reshape(6, 30)}) == 6
    for number, centre in enumerate(clusters.centres):
        mean = pool[clusters.owner == number].mean(axis=0)
        assert np.abs(centre - mean).max() < (1e-6 if batch_size is None else 0.03)


@pytest.mark.parametrize("batch_size", [None, 500])
def test_threads_change_no_bit(batch_size):
    pool, results, threads = (
        torch.from_numpy(unit_rows(clustered_pool(9000, 16, 20))),
        [],
        torch.get_num_threads(),
    )
    for count in (1, 4):
        torch.set_num_threads(count)
        results.append(cluster(pool, 40, seed=3, batch_size=batch_size))
    torch.set_num_threads(threads)
    assert results[0].centres.tobytes() == results[1].centres.tobytes()
    assert results[0].owner.tobytes() == results[1].owner.tobytes()


def test_the_pool_is_left_as_it_was():
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 8, 5)))
    before = pool.clone()
    cluster(pool, 7, seed=0)
    assert torch.equal(pool, before)


@pytest.mark.parametrize("count", [12, 200])  # the exact product, and candidate lists
def test_the_whole_pool_gives_scikit_learn_s_clusters(count: int) -> None:
    features = clustered_pool(3000, 16, 30)  # norms differ: not only unit rows
    start = features[np.random.default_rng(1).permutation(3000)[:count]]
    expected = KMeans(count, init=start, n_init=1, max_iter=40, algorithm="lloyd").fit(
        features.astype(np.float64)
    )
    found = whole_pool(torch.from_numpy(features), torch.from_numpy(start), 40)
    assert (found.owner.numpy() == expected.labels_).mean() > 0.999
    assert found.inertia == pytest.approx(expected.inertia_, rel=1e-4)


def test_the_inertia_and_owners_are_those_of_the_centres() -> None:
    pool = torch.from_numpy(clustered_pool(3000, 16, 30))
    batches = Batches(3000, 500, 0)
    for means in (whole_pool(pool, pool[:150], 3), in_batches(pool, pool[:150], 3, batches)):
        distances = torch.cdist(pool.double(), means.centres.double()).square()
        best = distances.gather(1, means.owner[:, None])[:, 0]
        torch.testing.assert_close(best, distances.amin(dim=1), rtol=1e-5, atol=1e-5)
        assert means.inertia == pytest.approx(distances.amin(dim=1).sum().item(), rel=1e-5)


def test_batches_come_as_near_as_scikit_learn_s() -> None:
    pool = torch.from_numpy(unit_rows(clustered_pool(4000, 16, 40)))
    ours, theirs = [], []
    for seed in range(3):
        start = pool[spread_rows(pool, 60, np.random.default_rng(seed))]
        ours.append(in_batches(pool, start, 20, Batches(4000, 1000, 0)).inertia)
        peer = MiniBatchKMeans(60, init=start.numpy(), n_init=1, max_iter=20, batch_size=1000, random_state=0)
        peer.fit(pool.numpy())
        theirs.append(torch.cdist(pool, torch.from_numpy(peer.cluster_centers_)).square().amin(dim=1).sum())
    assert np.mean(ours) < 1.01 * np.mean(theirs)


def test_batches_move_centres_that_own_nothing() -> None:
    pool = unit_rows(np.repeat(np.eye(6), 200, axis=0) + 0.05 * clustered_pool(1200, 6, 1))
    start = np.concatenate([pool[::200], -5 * np.eye(6)[:2]]).astype(np.float32)
    found = in_batches(torch.from_numpy(pool), torch.from_numpy(start), 50, Batches(1200, 300, 0))
    assert set(found.owner.tolist()) == set(range(8))


def test_a_centre_without_rows_stays() -> None:
    pool, far = torch.eye(4), torch.full((1, 4), 1.0)
    means = whole_pool(pool, torch.cat([pool, far]), 10)
    assert torch.equal(means.centres[4], far[0]) and 4 not in means.owner.tolist()
    assert means.inertia == pytest.approx(0, abs=1e-6)


def test_a_sample_stands_for_the_pool() -> None:
    pool = unit_rows(np.repeat(np.eye(6), 300, axis=0) + 0.05 * clustered_pool(1800, 6, 1))
    clusters = cluster(torch.from_numpy(pool), 6, seed=0, restarts=3, sample=20)
    assert len({tuple(set(part.tolist())) for part in clusters.owner.reshape(6, 300)}) == 6
    away = np.linalg.norm(pool[:, None] - clusters.centres, axis=2)
    assert np.array_equal(clusters.owner, away.argmin(axis=1))


def test_more_restarts_are_never_worse() -> None:
    pool = torch.from_numpy(clustered_pool(600, 8, 12))

    def inertia(restarts: int) -> float:
        found = cluster(pool, 12, seed=4, restarts=restarts)
        return float(((pool.numpy() - found.centres[found.owner]) ** 2).sum())

    assert inertia(6) <= inertia(1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("batch_size", [None, 1000])
def test_a_gpu_clusters_alike(batch_size: int | None) -> None:
    pool = torch.from_numpy(unit_rows(clustered_pool(4000, 32, 30)))
    one, other = (cluster(part, 30, seed=0, batch_size=batch_size) for part in (pool, pool.cuda()))
    inertia = [((pool.numpy() - found.centres[found.owner]) ** 2).sum() for found in (one, other)]
    assert inertia[1] == pytest.approx(inertia[0], rel=0.01)
