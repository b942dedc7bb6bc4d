from functools import partial

import numpy as np
import pytest
import torch
from coverage_oracle import brute_force, kernel_matrix
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_rows
from fact.selection.selectors.maxherding import gaussian, select
from pools import clustered_pool


def test_kernel_of_known_angles():
    cosine = torch.tensor([1.0, 0.0, -1.0, 1.0000001])
    torch.testing.assert_close(gaussian(1.0, cosine.clone()), torch.tensor([0.0, -2, -4, 0]).exp())
    torch.testing.assert_close(gaussian(2.0, cosine.clone()), torch.tensor([0.0, -0.5, -1, 0]).exp())


def test_the_first_pick_is_the_densest():
    features = clustered_pool(90, 8, 3)
    matrix = kernel_matrix(unit_rows(features), partial(gaussian, 1.0))
    selection = select(features, 1, seed=0)
    assert selection.indices[0] == matrix.mean(axis=0).argmax()
    assert selection.scores[0] == pytest.approx(matrix.mean(axis=0).max(), rel=1e-5)


def test_a_larger_pool_is_represented_by_a_subset():
    features, labelled = clustered_pool(150, 8, 6), np.array([7, 31])
    rows = np.sort(np.concatenate([labelled, random_rows(150, 40, 3, labelled)]))
    matrix = kernel_matrix(unit_rows(features)[rows], partial(gaussian, 1.0))
    expected, _ = brute_force(matrix, 9, np.searchsorted(rows, labelled).tolist())
    assert (
        select(features, 9, seed=3, subset=40, labelled=labelled).indices.tolist() == rows[expected].tolist()
    )


def test_the_subset_holds_the_budget():
    assert len(select(clustered_pool(60, 8, 6), 30, seed=0, subset=5).indices) == 30


def test_scikit_activeml_picks_alike():
    peer = pytest.importorskip("skactiveml.pool").MaxHerding
    features = clustered_pool(200, 8, 8)
    query = peer(random_state=0, metric_dict={"gamma": 1.0}).query
    expected = query(features.astype(np.float64), np.full(200, np.nan), batch_size=30)
    assert select(features, 30, seed=0).indices.tolist() == expected.tolist()


@pytest.mark.parametrize("name", ["sigma", "subset"])
def test_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"maxherding parameter {name} is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: 0})
