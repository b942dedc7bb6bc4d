import numpy as np
from fact.selection.selectors.random import select
from pools import clustered_pool


def test_a_smaller_budget_is_the_start_of_a_larger_one():
    features = clustered_pool(50, 4, 3)
    assert select(features, 7, seed=3).indices.tolist() == select(features, 30, seed=3).indices[:7].tolist()


def test_every_image_is_picked_equally_often():
    features = clustered_pool(10, 4, 3)
    counts = np.zeros(10)
    for seed in range(2000):
        counts[select(features, 3, seed).indices] += 1
    expected = 2000 * 3 / 10
    # chi-square with 9 degrees of freedom stays under 27.9 in 999 of 1,000 fair draws; these are seeded
    assert ((counts - expected) ** 2 / expected).sum() < 27.9


def test_scores_are_zero():
    assert not select(clustered_pool(20, 4, 3), 5, seed=0).scores.any()
