import numpy as np
import pytest
import torch
from fact.selection.activeft import fit_centroids
from fact.selection.activeft_objective import loss_and_gradient
from fact.selection.draw import Batches
from fact.selection.pool import unit_rows
from fact.selection.threads import workers
from fact.selection.winners import ExactWinners
from fact.selection.winners_minibatch import MinibatchWinners
from fact.selection.winners_minibatch_candidates import MinibatchCandidates
from pools import clustered_pool

PUBLISHED = {"temperature": 0.07, "balance": 1.0, "learning_rate": 1e-3}


@pytest.fixture(scope="module")
def pool():
    return torch.from_numpy(unit_rows(clustered_pool(3000, 24, 50)))


@pytest.fixture
def executor():
    with workers() as executor:
        yield executor


def test_a_step_is_the_full_objective_on_the_batch(pool):
    rows = torch.from_numpy(Batches(len(pool), 700, seed=3).draw())
    loss, gradient = loss_and_gradient(
        pool[:40], MinibatchWinners(pool, Batches(len(pool), 700, 3)), 0.07, 1.0
    )
    expected_loss, expected = loss_and_gradient(pool[:40], ExactWinners(pool[rows]), 0.07, 1.0)
    assert loss == expected_loss
    assert torch.equal(gradient, expected)


def test_the_first_step_of_the_lists_is_exact(pool, executor):
    lists = MinibatchCandidates(pool, Batches(len(pool), 700, 3), size=4, longest=8, executor=executor)
    winner, cosine = lists.nearest(pool[:60])
    expected_winner, expected_cosine = MinibatchWinners(pool, Batches(len(pool), 700, 3)).nearest(pool[:60])
    assert torch.equal(winner, expected_winner)
    torch.testing.assert_close(cosine, expected_cosine)


def test_lists_and_exact_winners_go_the_same_way(pool, executor):
    exact = MinibatchWinners(pool, Batches(len(pool), 500, 0))
    lists = MinibatchCandidates(pool, Batches(len(pool), 500, 0), size=8, longest=10, executor=executor)
    fits = [fit_centroids(pool[:100], winners, iterations=60, **PUBLISHED) for winners in (exact, lists)]
    np.testing.assert_allclose(fits[1].losses, fits[0].losses, rtol=1e-4)
    assert lists.interval > 1
    assert "batches of 500, winners missed" in lists.summary()


def test_young_lists_are_kept_and_old_ones_renewed(pool, executor):
    lists = MinibatchCandidates(pool, Batches(len(pool), 1500, 0), size=4, longest=6, executor=executor)
    for _ in range(30):
        lists.nearest(pool[:60])
    assert lists.interval == 6
    drawn = Batches(len(pool), 1500, 0)
    last = [drawn.draw() for _ in range(30)][-1]
    assert (lists.step - lists.listed[last]).max() <= 6
    assert lists.listed[last].min() < lists.step - 1


def test_sums_are_over_the_batch(pool, executor):
    lists = MinibatchCandidates(pool, Batches(len(pool), 500, 0), size=8, longest=10, executor=executor)
    exact = MinibatchWinners(pool, Batches(len(pool), 500, 0))
    winner, _ = lists.nearest(pool[:60])
    exact.nearest(pool[:60])
    weights = torch.rand(500, generator=torch.Generator().manual_seed(0))
    for listed, summed in zip(lists.sums(weights, winner, 60), exact.sums(weights, winner, 60), strict=True):
        torch.testing.assert_close(listed, summed, rtol=1e-5, atol=1e-5)
