import numpy as np
import pytest
import torch
from fact.selection.algorithms.clustering import Clusters, cluster
from fact.selection.algorithms.pool import unit_rows
from fact.selection.selectors.kmeans import select, uncovered
from pools import clustered_pool


def test_picks_are_nearest_to_the_centres_of_the_largest_clusters_first():
    features = clustered_pool(300, 10, 9)
    pool, clusters = unit_rows(features), cluster(torch.from_numpy(unit_rows(features)), 12, seed=5)
    sizes = np.bincount(clusters.owner)
    expected = []
    for number in np.argsort(-sizes, kind="stable"):
        squared = ((pool - clusters.centres[number].astype(np.float64)) ** 2).sum(axis=1)
        squared[expected] = np.inf
        expected.append(int(squared.argmin()))
    assert select(features, 12, seed=5).indices.tolist() == expected


def test_separate_clusters_get_one_image_each():
    features = np.repeat(np.eye(6), 30, axis=0) + 0.05 * clustered_pool(180, 6, 1)
    picks = select(features.astype(np.float32), 6, seed=0).indices
    assert sorted(picks // 30) == list(range(6))


def test_clusters_of_labelled_images_are_left_out():
    features = np.repeat(np.eye(6), 30, axis=0) + 0.05 * clustered_pool(180, 6, 1)
    picks = select(features.astype(np.float32), 4, seed=0, labelled=np.array([31, 150])).indices
    assert sorted(picks // 30) == [0, 2, 3, 4]


def test_uncovered_clusters_are_sorted_by_size():
    clusters = Clusters(np.zeros((5, 2)), np.array([0, 1, 1, 2, 2, 2, 3, 3]))
    assert uncovered(clusters, np.array([], np.int64)).tolist() == [2, 1, 3, 0, 4]
    assert uncovered(clusters, np.array([4, 0])).tolist() == [1, 3, 4]


def test_images_in_place_of_clusters():
    pool = np.tile(np.eye(3, dtype=np.float32), (4, 1))
    picks = select(pool, 5, seed=0).indices
    assert {pick % 3 for pick in picks.tolist()} == {0, 1, 2}


@pytest.mark.parametrize("name", ["iterations", "batch_size"])
def test_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"kmeans parameter {name} is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: 0})
