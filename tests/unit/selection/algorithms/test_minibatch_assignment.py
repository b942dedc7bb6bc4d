import numpy as np
import pytest
import torch
from fact.selection.algorithms.assignment import ExactAssignment, MinibatchAssignment
from fact.selection.algorithms.candidate_assignment import MinibatchCandidateAssignment
from fact.selection.algorithms.centroids import Objective, fit_centroids, loss_and_gradient
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.threads import workers
from pools import clustered_pool
from torch.nn.functional import normalize

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
        pool[:40], MinibatchAssignment(pool, Batches(len(pool), 700, 3)), Objective()
    )
    expected_loss, expected = loss_and_gradient(pool[:40], ExactAssignment(pool[rows]), Objective())
    assert loss == expected_loss
    assert torch.equal(gradient, expected)


def test_every_step_of_the_lists_is_exact(pool, executor):
    lists = MinibatchCandidateAssignment(pool, Batches(len(pool), 700, 3), 8, executor)
    exact = MinibatchAssignment(pool, Batches(len(pool), 700, 3))
    centroids = pool[:60]
    for seed in range(30):
        nearest, cosine = lists.nearest(centroids)
        _, expected_cosine = exact.nearest(centroids)
        torch.testing.assert_close(cosine, expected_cosine, rtol=0, atol=2e-6)
        scores = exact.batch.pool @ centroids.T
        torch.testing.assert_close(
            scores.gather(1, nearest[:, None])[:, 0], expected_cosine, rtol=0, atol=2e-6
        )
        noise = torch.randn(centroids.shape, generator=torch.Generator().manual_seed(seed))
        centroids = normalize(centroids + 0.002 * noise, dim=1)
    assert lists.lists.refreshed < 0.5 * lists.lists.searched


def test_lists_and_exact_assignments_go_the_same_way(pool, executor):
    exact = MinibatchAssignment(pool, Batches(len(pool), 500, 0))
    lists = MinibatchCandidateAssignment(pool, Batches(len(pool), 500, 0), 16, executor)
    fits = [
        fit_centroids(pool[:100], assignment, Objective(iterations=60, **PUBLISHED))
        for assignment in (exact, lists)
    ]
    np.testing.assert_allclose(fits[1].losses, fits[0].losses, rtol=1e-4)
    assert "batches of 500, exact assignment" in lists.summary()


def test_an_image_keeps_its_list_from_batch_to_batch(pool, executor):
    lists, drawn = MinibatchCandidateAssignment(pool, Batches(len(pool), 1500, 0), 4, executor), set()
    for rows in (batches := Batches(len(pool), 1500, 0)).draw(), batches.draw(), batches.draw():
        lists.nearest(pool[:60])
        drawn.update(rows.tolist())
        assert lists.lists.refreshed == len(drawn)


def test_sums_are_over_the_batch(pool, executor):
    lists = MinibatchCandidateAssignment(pool, Batches(len(pool), 500, 0), 8, executor)
    exact = MinibatchAssignment(pool, Batches(len(pool), 500, 0))
    nearest, _ = lists.nearest(pool[:60])
    exact.nearest(pool[:60])
    weights = torch.rand(500, generator=torch.Generator().manual_seed(0))
    for listed, summed in zip(
        lists.sums(weights, nearest, 60), exact.sums(weights, nearest, 60), strict=True
    ):
        torch.testing.assert_close(listed, summed, rtol=1e-5, atol=1e-5)
