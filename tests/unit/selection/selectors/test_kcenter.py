import numpy as np
import pytest
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_rows
from fact.selection.selectors.kcenter import select
from farthest_oracle import brute_force
from pools import clustered_pool


@pytest.mark.parametrize("labelled", [None, [3], [40, 8, 61]])
def test_picks_are_those_of_the_distance_matrix(labelled):
    features = clustered_pool(120, 10, 6)
    first = [] if labelled else random_rows(120, 1, 4, np.array([])).tolist()
    picks, radii = brute_force(unit_rows(features), (labelled or []) + first, 30 - len(first))
    selection = select(features, 30, seed=4, labelled=labelled and np.array(labelled))
    assert selection.indices.tolist() == first + picks
    np.testing.assert_allclose(selection.scores, np.sqrt([4] * len(first) + radii), rtol=1e-5)


def test_a_smaller_budget_is_the_start_of_a_larger_one():
    features = clustered_pool(80, 6, 4)
    assert np.array_equal(select(features, 9, 0).indices, select(features, 30, 0).indices[:9])


def test_every_image_is_nearer_to_a_pick_than_the_last_score():
    features = clustered_pool(300, 12, 9)
    selection, pool = select(features, 40, seed=1), unit_rows(features).astype(np.float64)
    nearest = ((pool[:, None] - pool[selection.indices]) ** 2).sum(axis=2).min(axis=1)
    assert np.sqrt(nearest.max()) <= selection.scores[-1]


def test_scikit_activeml_picks_alike():
    core_set = pytest.importorskip("skactiveml.pool").CoreSet
    features = clustered_pool(200, 10, 8)
    labelled = np.array([11, 150])
    labels = np.full(200, np.nan)
    labels[labelled] = 0
    expected = core_set(random_state=0).query(unit_rows(features).astype(np.float64), labels, batch_size=40)
    assert select(features, 40, seed=0, labelled=labelled).indices.tolist() == expected.tolist()
