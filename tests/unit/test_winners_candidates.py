from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from fact.selection import winners_candidates, winners_kernels
from fact.selection.threads import workers
from fact.selection.winners import ExactWinners
from fact.selection.winners_candidates import CandidateWinners
from pools import clustered_pool
from torch.nn.functional import normalize


@pytest.fixture(scope="module")
def pool():
    return normalize(torch.from_numpy(clustered_pool(700, 24, 20)), dim=1)


@pytest.fixture
def executor():
    with workers() as executor:
        yield executor


def moved(centroids: torch.Tensor, step: float, seed: int = 0) -> torch.Tensor:
    noise = torch.randn(centroids.shape, generator=torch.Generator().manual_seed(seed))
    return normalize(centroids + step * noise, dim=1)


def test_a_refresh_is_the_exact_search(pool, executor):
    winner, cosine = CandidateWinners(pool, size=4, longest=1, executor=executor).nearest(pool[:60])
    exact_winner, exact_cosine = ExactWinners(pool).nearest(pool[:60])
    assert torch.equal(winner, exact_winner)
    torch.testing.assert_close(cosine, exact_cosine)


def test_lists_hold_the_best_in_order(pool):
    tile = (pool @ pool[:60].T).numpy()
    lists, best = np.empty((len(pool), 5), np.int32), np.empty(len(pool), np.float32)
    winners_kernels.list_best(tile, lists, best)
    assert np.array_equal(lists, np.argsort(-tile, axis=1, kind="stable")[:, :5])
    assert np.array_equal(best, tile.max(axis=1))


def test_between_refreshes_the_best_of_the_list_wins(pool, executor):
    winners = CandidateWinners(pool, size=3, longest=4, executor=executor)
    winners.nearest(pool[:60])
    winners.interval = 4
    centroids = moved(pool[:60], 0.05)
    winner, cosine = winners.nearest(centroids)
    product = (pool @ centroids.T).gather(1, torch.from_numpy(winners.lists).long())
    torch.testing.assert_close(cosine, product.amax(dim=1))
    assert np.array_equal(winner, winners.lists[np.arange(len(pool)), product.argmax(dim=1)])


def test_rows_are_grouped_in_ascending_order():
    winner = np.random.default_rng(0).integers(9, size=200)
    winner[winner == 4] = 5
    order, bounds = winners_kernels.group(winner, 11)
    assert np.array_equal(order, np.argsort(winner, kind="stable"))
    assert np.array_equal(bounds, np.searchsorted(winner[order], np.arange(12)))


def test_sums_match_the_exact_ones(pool, executor):
    weights, winner = (
        torch.rand(len(pool), generator=torch.Generator().manual_seed(1)),
        torch.arange(700) % 41,
    )
    for sums in zip(
        CandidateWinners(pool, 4, 5, executor=executor).sums(weights, winner, 43),
        ExactWinners(pool.double()).sums(weights.double(), winner, 43),
        strict=True,
    ):
        torch.testing.assert_close(sums[0].double(), sums[1], rtol=1e-5, atol=1e-6)


def test_lists_are_no_longer_than_the_budget(pool, executor):
    winner, _ = CandidateWinners(pool, size=8, longest=3, executor=executor).nearest(pool[:2])
    assert set(winner.tolist()) == {0, 1}


def test_refreshes_grow_rare_while_nothing_moves(pool, executor):
    winners = CandidateWinners(pool, size=4, longest=10, executor=executor)
    for _ in range(40):
        winners.nearest(pool[:60])
    assert winners.interval == 10
    assert winners.missed == 0


def test_refreshes_come_often_while_winners_are_missed(pool, executor):
    winners = CandidateWinners(pool, size=2, longest=10, executor=executor)
    winners.interval = 8
    for seed in range(40):
        winners.nearest(moved(pool[:60], 5, seed))
    assert winners.interval == 1
    assert winners.missed > 0.5
    assert f"at most {winners.missed:.1e} of the images" in winners.summary()


def test_missed_images_are_counted(pool, executor):
    winners = CandidateWinners(pool, size=1, longest=10, executor=executor)
    before, _ = winners.nearest(pool[:60])
    after, _ = winners.nearest(moved(pool[:60], 0.1))
    assert winners.missed == pytest.approx((before != after).float().mean().item())
    assert winners.missed > winners_candidates.MISSED_LIMIT


def test_threads_change_no_bit(pool):
    weights = torch.rand(len(pool), generator=torch.Generator().manual_seed(1))
    results = []
    for count in (1, 3):
        with ThreadPoolExecutor(count) as executor:
            winners = CandidateWinners(pool, size=4, longest=4, executor=executor)
            winners.nearest(pool[:60])
            winners.interval = 4
            winner, cosine = winners.nearest(moved(pool[:60], 0.05))
            results.append([winner, cosine, *winners.sums(weights, winner, 60)])
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))
