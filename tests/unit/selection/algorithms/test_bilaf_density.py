import numpy as np
import pytest
import torch
from fact.selection.algorithms import bilaf as bilaf_parts
from fact.selection.algorithms.bilaf import dense_part, joining_order
from pools import clustered_pool


def members(size: int) -> torch.Tensor:
    return torch.from_numpy(clustered_pool(size, 5, 2)).double()


def brute_force(points: np.ndarray, core: int, ring: float, neighbours: int, as_released: bool) -> list[int]:
    """Step by step, row by row."""
    distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    size = max(1, int(len(points) * ring))
    cluster = sorted(range(len(points)), key=lambda row: (row != core, distance[core, row]))[:size]
    rings = len(points) // size if as_released else -(-len(points) // size)
    for _ in range(rings - 1):
        means = {}
        for row in set(range(len(points))) - set(cluster):
            to_cluster = distance[row][cluster]
            places = np.argsort(to_cluster, kind="stable")[:neighbours]
            means[row] = (distance[row] if as_released else to_cluster)[places].mean()
        cluster += sorted(means, key=lambda row: (means[row], row))[:size]
    return cluster


@pytest.mark.parametrize("as_released", [False, True])
@pytest.mark.parametrize(("size", "core"), [(10, 3), (47, 0), (60, 21)])
def test_rings_join_as_step_by_step(size, core, as_released):
    points = members(size)
    expected = brute_force(points.numpy(), core, 0.1, 10, as_released)
    assert joining_order(points, core, 0.1, 10, as_released).tolist() == expected


def test_points_on_a_line_join_outwards():
    points = torch.tensor([[9.0], [0], [1], [2], [3], [4], [5], [6], [7], [30]], dtype=torch.float64)
    assert joining_order(points, 1, 0.1, 1).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 0, 9]
    assert joining_order(points, 1, 0.2, 1).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 0, 9]


def test_everyone_joins_but_as_released_the_last_smaller_ring():
    points = members(47)  # rings of 4
    assert sorted(joining_order(points, 0, 0.1, 10).tolist()) == list(range(47))
    assert len(joining_order(points, 0, 0.1, 10, as_released=True)) == 44


@pytest.mark.parametrize(("as_released", "kept"), [(False, 42), (True, 39)])
def test_the_share_that_joins_last_is_removed(as_released, kept):
    points = members(47)
    order = joining_order(points, 5, 0.1, 10, as_released)
    assert dense_part(points, 5, 0.1, 0.1, 10, as_released).tolist() == order[:kept].tolist()


def test_small_classes_are_left_alone():
    assert dense_part(members(9), 4, 0.5, 0.1, 10).tolist() == list(range(9))


def test_the_core_joins_before_its_copies():
    assert joining_order(torch.ones(12, 3, dtype=torch.float64), 7, 0.1, 10)[0] == 7


@pytest.mark.parametrize("as_released", [False, True])
def test_tiles_change_nothing(as_released, monkeypatch):
    whole = joining_order(members(60), 3, 0.1, 10, as_released)
    monkeypatch.setattr(bilaf_parts, "tile_rows", lambda columns, device=None: 7)
    assert torch.equal(joining_order(members(60), 3, 0.1, 10, as_released), whole)
