import torch
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.tiles import GPU_SHARE, GPU_TILE_ELEMENTS, TILE_ELEMENTS, tile_rows
from torch.nn.functional import normalize

POOL = normalize(torch.randn(53, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)), dim=1)
CENTROIDS = POOL[10:22]


def test_nearest_is_the_highest_cosine():
    nearest, cosine = ExactAssignment(POOL).nearest(CENTROIDS)
    product = POOL @ CENTROIDS.T
    assert torch.equal(nearest, product.argmax(dim=1))
    torch.testing.assert_close(cosine, product.amax(dim=1))


def test_sums_by_assignment():
    weights = torch.linspace(0.1, 2, len(POOL), dtype=torch.float64)
    nearest = torch.arange(len(POOL)) % 5  # of 6 centroids: the last wins nothing
    mass, total = ExactAssignment(POOL).sums(weights, nearest, 6)
    for j in range(6):
        torch.testing.assert_close(mass[j], weights[nearest == j].sum())
        torch.testing.assert_close(total[j], (weights[:, None] * POOL)[nearest == j].sum(dim=0))


def test_tiles_change_nothing():
    whole, tiled = ExactAssignment(POOL), ExactAssignment(POOL, rows=9)
    nearest, cosine = whole.nearest(CENTROIDS)
    tiled_nearest, tiled_cosine = tiled.nearest(CENTROIDS)
    assert torch.equal(nearest, tiled_nearest)
    torch.testing.assert_close(cosine, tiled_cosine)
    for one, other in zip(whole.sums(cosine, nearest, 12), tiled.sums(cosine, nearest, 12), strict=True):
        torch.testing.assert_close(one, other)


def test_tiles_are_bounded():
    assert tile_rows(500) * 500 <= TILE_ELEMENTS
    assert tile_rows(10**9) == 64


def test_tiles_of_a_gpu_are_larger_and_bounded_by_its_free_memory(monkeypatch):
    gpu = torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (80 * 2**30, 80 * 2**30))
    assert tile_rows(1000, gpu) == GPU_TILE_ELEMENTS // 1000
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**30, 80 * 2**30))
    assert tile_rows(1000, gpu) == 2**30 // 4 // GPU_SHARE // 1000
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (0, 80 * 2**30))
    assert tile_rows(1000, gpu) == tile_rows(1000) == TILE_ELEMENTS // 1000
