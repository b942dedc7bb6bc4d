import numpy as np
import pytest
import torch
from fact.selection.algorithms import nearest_rows as module
from fact.selection.algorithms.nearest_rows import nearest_rows
from pools import clustered_pool


@pytest.mark.parametrize("rows", [7, 1000])
def test_rows_are_those_of_the_whole_product(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POINTS", 9)
    monkeypatch.setattr(module, "tile_rows", lambda columns, device=None: rows)
    pool, points = (torch.from_numpy(clustered_pool(size, 8, 4, seed=size)) for size in (100, 30))
    expected = (points.double() @ pool.double().T).argmax(dim=1)
    assert torch.equal(nearest_rows(pool, points), expected)


def test_of_copies_the_lowest_row_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "tile_rows", lambda columns, device=None: 4)
    pool = torch.from_numpy(np.tile(np.eye(3, dtype=np.float32), (5, 1)))
    assert nearest_rows(pool, pool[:3]).tolist() == [0, 1, 2]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_finds_the_same_rows() -> None:
    pool, points = (torch.from_numpy(clustered_pool(size, 16, 9, seed=size)) for size in (3000, 200))
    assert torch.equal(nearest_rows(pool.cuda(), points.cuda()).cpu(), nearest_rows(pool, points))
