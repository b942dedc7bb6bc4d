import torch
from fact.selection.algorithms.tiles import TILE_ELEMENTS, tile_rows
from fact.selection.algorithms.winners import ExactWinners
from torch.nn.functional import normalize

POOL = normalize(torch.randn(53, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)), dim=1)
CENTROIDS = POOL[10:22]


def test_nearest_is_the_highest_cosine():
    winner, cosine = ExactWinners(POOL).nearest(CENTROIDS)
    product = POOL @ CENTROIDS.T
    assert torch.equal(winner, product.argmax(dim=1))
    torch.testing.assert_close(cosine, product.amax(dim=1))


def test_sums_by_winner():
    weights = torch.linspace(0.1, 2, len(POOL), dtype=torch.float64)
    winner = torch.arange(len(POOL)) % 5  # of 6 centroids: the last wins nothing
    mass, total = ExactWinners(POOL).sums(weights, winner, 6)
    for j in range(6):
        torch.testing.assert_close(mass[j], weights[winner == j].sum())
        torch.testing.assert_close(total[j], (weights[:, None] * POOL)[winner == j].sum(dim=0))


def test_tiles_change_nothing():
    whole, tiled = ExactWinners(POOL), ExactWinners(POOL, rows=9)
    winner, cosine = whole.nearest(CENTROIDS)
    tiled_winner, tiled_cosine = tiled.nearest(CENTROIDS)
    assert torch.equal(winner, tiled_winner)
    torch.testing.assert_close(cosine, tiled_cosine)
    for one, other in zip(whole.sums(cosine, winner, 12), tiled.sums(cosine, winner, 12), strict=True):
        torch.testing.assert_close(one, other)


def test_tiles_are_bounded():
    assert tile_rows(500) * 500 <= TILE_ELEMENTS
    assert tile_rows(10**9) == 64
