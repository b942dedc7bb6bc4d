import numpy as np
import torch
from fact.selection.algorithms import nearest_images as module
from fact.selection.algorithms.nearest_images import nearest_images
from fact.selection.algorithms.pool import unit_rows
from pools import clustered_pool


def test_nearest_images_is_first_come_first_served():
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 6, 3)))
    centroids = torch.from_numpy(unit_rows(clustered_pool(120, 6, 3, seed=1)))
    selection, taken = nearest_images(pool, centroids), []
    product = (centroids @ pool.T).numpy()
    for row in product:
        taken.append(next(pick for pick in np.argsort(-row, kind="stable") if pick not in taken))
    assert selection.indices.tolist() == taken
    np.testing.assert_allclose(selection.scores, product[np.arange(120), taken], rtol=1e-5, atol=1e-6)


def test_nearest_images_in_tiles(monkeypatch):
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 6, 3)))
    centroids = torch.from_numpy(unit_rows(clustered_pool(120, 6, 3, seed=1)))
    whole = nearest_images(pool, centroids)
    monkeypatch.setattr(module, "tile_rows", lambda columns, device=None: 7)
    tiled = nearest_images(pool, centroids)
    assert np.array_equal(whole.indices, tiled.indices)
    np.testing.assert_allclose(whole.scores, tiled.scores, rtol=1e-6)


def test_labelled_images_take_no_pick():
    pool = torch.from_numpy(unit_rows(clustered_pool(40, 6, 3)))
    whole = nearest_images(pool, pool[:10]).indices
    assert whole.tolist() == list(range(10))
    assert not np.isin(nearest_images(pool, pool[:10], labelled=whole).indices, whole).any()


def test_the_lowest_of_equal_images_is_read_out():
    pool = torch.eye(3).repeat(4, 1)
    assert nearest_images(pool, torch.eye(3)[[1, 1, 0]]).indices.tolist() == [1, 4, 0]
