from itertools import pairwise

import numpy as np
import pytest
import torch
from fact.selection.algorithms.candidate_lists import EPSILON, Drift
from torch.nn.functional import normalize


def walk(steps: int, length: float) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    path = [normalize(torch.randn(9, 6, generator=generator), dim=1)]
    for _ in range(steps):
        path.append(normalize(path[-1] + length * torch.randn(9, 6, generator=generator), dim=1))
    return path


@pytest.mark.parametrize("length", [1e-7, 1e-3, 0.1, 3.0])
def test_no_cosine_grows_by_more_than_the_path(length):
    path = walk(40, length)
    drift = Drift(path[0])
    for centroids in path[1:]:
        drift.follow(centroids)
    moved = (path[-1].double() - path[0]).norm(dim=1).numpy()
    paths = drift.paths()
    assert paths.shape == (10,) and paths.dtype == np.float32
    assert (paths[:-1] > moved).all()
    assert (paths[-1] >= paths[:-1]).all()


def test_paths_are_the_sums_of_the_moves_and_some_rounding():
    path = walk(3, 0.1)
    drift = Drift(path[0])
    for centroids in path:
        drift.follow(centroids)
    moves = np.stack([(after - before).norm(dim=1) for before, after in pairwise(path)])
    np.testing.assert_allclose(drift.each, moves.sum(axis=0), rtol=1e-5)
    assert drift.farthest == pytest.approx(moves.max(axis=1).sum(), rel=1e-5)
    slack = drift.paths() - np.append(drift.each, drift.farthest)
    assert (slack > 0).all() and (slack < 100 * EPSILON).all()
