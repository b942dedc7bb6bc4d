from functools import partial

import numpy as np
import pytest
import torch
from coverage_oracle import brute_force, kernel_matrix
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import unit_rows
from fact.selection.selectors import probcover
from fact.selection.selectors.probcover import pure_radius, select, within
from pools import clustered_pool


def test_balls_are_open_and_hold_copies():
    cosine = torch.tensor([1.0, 0.9999999, 0.5, 0.4999, 0.0])
    assert within(1.0, cosine.clone()).tolist() == [1, 1, 0, 0, 0]  # a chord of 1 has the cosine 1/2
    assert within(1.001, cosine.clone()).tolist() == [1, 1, 1, 1, 0]
    assert within(1e-9, cosine.clone()).tolist() == [1, 1, 0, 0, 0]


def test_the_ball_with_most_images_comes_first():
    features = np.eye(4, dtype=np.float32)[np.repeat([0, 1, 2, 3], [3, 9, 1, 5])]
    selection = select(features, 4, seed=0, delta=0.5)
    assert selection.indices.tolist() == [3, 13, 0, 12]
    np.testing.assert_allclose(selection.scores, np.array([9, 5, 3, 1]) / 18)


@pytest.mark.parametrize("purity", [0.7, 0.9, 0.95, 1.0])
def test_the_radius_is_the_largest_pure_one(purity):
    pool = unit_rows(clustered_pool(200, 6, 5))
    owner = cluster(torch.from_numpy(pool), 5, seed=0).owner
    radius = pure_radius(torch.from_numpy(pool), torch.from_numpy(owner), torch.arange(200), purity)
    distances = np.sqrt(((pool[:, None].astype(np.float64) - pool[None]) ** 2).sum(axis=2))
    strangers = owner[:, None] != owner

    def pure(radius):
        return 1 - ((distances < radius) & strangers).any(axis=1).mean()

    assert pure(radius) >= purity - 1e-9
    assert pure(radius * (1 + 2e-5)) < purity


def test_one_cluster_is_pure_at_any_radius():
    pool = torch.from_numpy(unit_rows(clustered_pool(20, 6, 2)))
    radius = pure_radius(pool, torch.zeros(20, dtype=torch.int64), torch.arange(20), 0.9)
    assert radius == pytest.approx(2, rel=1e-4)


def test_picks_by_the_chosen_radius():
    features = clustered_pool(250, 8, 6)
    pool = unit_rows(features)
    owner = torch.from_numpy(cluster(torch.from_numpy(pool), 6, seed=1).owner)
    radius = pure_radius(torch.from_numpy(pool), owner, torch.arange(250), 0.9)
    expected, gains = brute_force(kernel_matrix(pool, partial(within, radius)), 12, [])
    selection = select(features, 12, seed=1, clusters=6, purity=0.9)
    assert min(gains) > 0
    assert selection.indices.tolist() == expected


def test_the_radius_is_logged(caplog):
    with caplog.at_level("INFO", probcover.__name__):
        select(clustered_pool(100, 8, 4), 5, seed=0)
    assert "at purity 0.95 in 5 clusters" in caplog.text


@pytest.mark.filterwarnings("ignore:The maximum purity")  # of the peer, as a given radius has none
@pytest.mark.parametrize("labelled", [[], [4, 90]])
def test_scikit_activeml_covers_as_much(labelled):
    peer = pytest.importorskip("skactiveml.pool").ProbCover
    features = clustered_pool(200, 8, 8)
    pool, labels = unit_rows(features), np.full(200, np.nan)
    labels[labelled] = 0
    expected, utilities = peer(random_state=0, deltas=[0.8]).query(
        pool.astype(np.float64), labels, batch_size=10, return_utilities=True
    )
    selection = select(features, 10, seed=0, delta=0.8, labelled=np.array(labelled, np.int64))
    # between equal counts the peer draws at random, so the picks are compared up to the first tie
    counts = np.nanmax(utilities, axis=1)
    tied = [(row == count).sum() > 1 for row, count in zip(utilities, counts, strict=True)]
    same = tied.index(True) if True in tied else 10
    assert same >= 3
    assert selection.indices[:same].tolist() == expected[:same].tolist()
    np.testing.assert_allclose(selection.scores[: same + 1] * 200, counts[: same + 1], rtol=1e-6)


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="probcover parameter delta is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, delta=0)
    with pytest.raises(ValueError, match=r"probcover parameter purity is 1.5"):
        select(clustered_pool(20, 4, 2), 3, seed=0, purity=1.5)
