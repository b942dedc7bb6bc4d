import numpy as np
import torch
from fact.selection.algorithms import read_out as module
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.read_out import read_out
from pools import clustered_pool


def test_read_out_is_first_come_first_served():
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 6, 3)))
    centroids = torch.from_numpy(unit_rows(clustered_pool(120, 6, 3, seed=1)))
    selection, taken = read_out(pool, centroids), []
    product = (centroids @ pool.T).numpy()
    for row in product:
        taken.append(next(pick for pick in np.argsort(-row, kind="stable") if pick not in taken))
    assert selection.indices.tolist() == taken
    np.testing.assert_allclose(selection.scores, product[np.arange(120), taken], rtol=1e-5, atol=1e-6)


def test_read_out_in_tiles(monkeypatch):
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 6, 3)))
    centroids = torch.from_numpy(unit_rows(clustered_pool(120, 6, 3, seed=1)))
    whole = read_out(pool, centroids)
    monkeypatch.setattr(module, "tile_rows", lambda columns: 7)
    tiled = read_out(pool, centroids)
    assert np.array_equal(whole.indices, tiled.indices)
    np.testing.assert_allclose(whole.scores, tiled.scores, rtol=1e-6)


def test_bought_images_are_not_read_out():
    pool = torch.from_numpy(unit_rows(clustered_pool(40, 6, 3)))
    whole = read_out(pool, pool[:10]).indices
    assert whole.tolist() == list(range(10))
    assert not np.isin(read_out(pool, pool[:10], bought=whole).indices, whole).any()


def test_the_lowest_of_equal_images_is_read_out():
    pool = torch.eye(3).repeat(4, 1)
    assert read_out(pool, torch.eye(3)[[1, 1, 0]]).indices.tolist() == [1, 4, 0]
