from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from fact.selection.algorithms import assignment_kernels
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.candidate_assignment import CandidateAssignment
from fact.selection.algorithms.centroids import Objective, fit_centroids
from fact.selection.algorithms.threads import workers
from hypothesis import given, settings
from hypothesis import strategies as st
from pools import clustered_pool
from torch.nn.functional import normalize


@pytest.fixture(scope="module")
def pool():
    return normalize(torch.from_numpy(clustered_pool(700, 24, 20)), dim=1)


@pytest.fixture(scope="module")
def executor():
    with workers() as executor:
        yield executor


def moved(centroids: torch.Tensor, step: float, seed: int = 0) -> torch.Tensor:
    noise = torch.randn(centroids.shape, generator=torch.Generator().manual_seed(seed))
    return normalize(centroids + step * noise, dim=1)


def assert_exact(found: tuple[torch.Tensor, torch.Tensor], pool: torch.Tensor, centroids: torch.Tensor):
    """Assignment that no centroid beats in float64, but for the rounding of float32."""
    assigned, cosine = found
    product = pool.double() @ centroids.double().T
    torch.testing.assert_close(cosine.double(), product.amax(dim=1), rtol=0, atol=2e-6)
    torch.testing.assert_close(
        product.gather(1, assigned[:, None])[:, 0], product.amax(dim=1), rtol=0, atol=2e-6
    )


class Watched(CandidateAssignment):
    """The assignments of every step are compared with the exact ones; ``compared`` counts the steps."""

    def __init__(self, pool, size, executor):
        super().__init__(pool, size, executor)
        self.whole, self.compared = pool, 0

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = super().nearest(centroids)
        assert_exact(found, self.whole, centroids)
        self.compared += 1
        return found


@given(
    seed=st.integers(0, 10**6),
    channels=st.sampled_from([2, 3, 24]),
    size=st.integers(1, 20),
    budget=st.integers(1, 60),
    step=st.sampled_from([0.0, 1e-4, 1e-2, 0.1, 3.0]),
)
@settings(max_examples=100)
def test_assignments_are_exact_wherever_centroids_go(executor, seed, channels, size, budget, step):
    pool = normalize(torch.from_numpy(clustered_pool(300, channels, 20, seed)), dim=1)
    assignment, centroids = Watched(pool, size, executor), pool[:budget]
    for offset in range(12):
        assignment.nearest(centroids)
        centroids = moved(centroids, step, seed + offset)
    assert assignment.compared == 12


@pytest.mark.parametrize("last", [0, 1])  # the centroid that is not listed, or the list's second one
def test_a_centroid_that_comes_straight_is_not_missed(executor, last):
    """On the circle, where a cosine can grow by as much as its centroid moves."""
    pool = torch.tensor([[1.0, 0.0]])
    assignment = Watched(pool, 1 + last, executor)
    for angle in np.linspace(1.5, 0, 200):
        angles = torch.tensor([0.8, angle], dtype=torch.float32)
        assignment.nearest(torch.stack([angles.cos(), angles.sin()], dim=1))
    assert assignment.lists.refreshed < 30


@pytest.mark.parametrize(("learning_rate", "refreshed"), [(1e-4, 0.05), (1e-3, 0.2), (1e-2, 1), (0.3, 1)])
def test_assignments_are_exact_all_along_the_optimisation(pool, executor, learning_rate, refreshed):
    assignment = Watched(pool, 16, executor)
    fit_centroids(pool[:60], assignment, Objective(iterations=150, learning_rate=learning_rate))
    assert assignment.lists.refreshed <= refreshed * assignment.lists.searched


def test_lists_hold_the_best_in_order_and_the_next_score(pool):
    tile = (pool @ pool[:60].T).numpy()
    lists, scores = np.empty((len(pool), 5), np.int32), np.empty((len(pool), 6), np.float32)
    assignment_kernels.list_best(tile, lists, scores)
    assert np.array_equal(lists, np.argsort(-tile, axis=1, kind="stable")[:, :5])
    assert np.array_equal(scores, -np.sort(-tile, axis=1)[:, :6])


def test_only_what_is_no_longer_certain_is_refreshed(pool, executor):
    assignment = CandidateAssignment(pool, 4, executor)
    assignment.nearest(pool[:60])
    lists, bounds = assignment.lists.lists.copy(), assignment.lists.bounds.copy()
    assignment.nearest(moved(pool[:60], 0.02))
    kept = (assignment.lists.bounds == bounds).all(axis=1)
    assert 0 < kept.mean() < 1
    assert assignment.lists.refreshed == len(pool) + (~kept).sum()
    assert np.array_equal(assignment.lists.lists[kept], lists[kept])


def test_between_equal_centroids_the_lowest_wins(pool, executor):
    assignment, centroids = CandidateAssignment(pool, 8, executor), pool[:30]
    for seed in range(6):
        assigned, _ = assignment.nearest(torch.cat([centroids, centroids]))
        assert assigned.max() < 30
        centroids = moved(centroids, 0.01, seed)
    assert assignment.lists.refreshed < assignment.lists.searched


def test_rows_are_grouped_in_ascending_order():
    assigned = np.random.default_rng(0).integers(9, size=200)
    assigned[assigned == 4] = 5
    order, bounds = assignment_kernels.group(assigned, 11)
    assert np.array_equal(order, np.argsort(assigned, kind="stable"))
    assert np.array_equal(bounds, np.searchsorted(assigned[order], np.arange(12)))


def test_sums_match_the_exact_ones(pool, executor):
    weights, assigned = (
        torch.rand(len(pool), generator=torch.Generator().manual_seed(1)),
        torch.arange(700) % 41,
    )
    for sums in zip(
        CandidateAssignment(pool, 4, executor).sums(weights, assigned, 43),
        ExactAssignment(pool.double()).sums(weights.double(), assigned, 43),
        strict=True,
    ):
        torch.testing.assert_close(sums[0].double(), sums[1], rtol=1e-5, atol=1e-6)


def test_lists_longer_than_the_budget_are_always_certain(pool, executor):
    assignment = Watched(pool, 8, executor)
    for seed in range(5):
        assigned, _ = assignment.nearest(moved(pool[:2], 1, seed))
        assert set(assigned.tolist()) == {0, 1}
    assert assignment.lists.refreshed == len(pool)


def test_nothing_is_refreshed_while_nothing_moves(pool, executor):
    assignment = CandidateAssignment(pool, 4, executor)
    for _ in range(40):
        assignment.nearest(pool[:60])
    assert assignment.lists.refreshed == len(pool)
    assert assignment.summary() == "exact assignment, 2.50% of the images refreshed a step"


def test_threads_change_no_bit(pool):
    weights = torch.rand(len(pool), generator=torch.Generator().manual_seed(1))
    results = []
    for count in (1, 3):
        with ThreadPoolExecutor(count) as executor:
            assignment = CandidateAssignment(pool, 4, executor)
            assignment.nearest(pool[:60])
            assigned, cosine = assignment.nearest(moved(pool[:60], 0.02))
            results.append([assigned, cosine, *assignment.sums(weights, assigned, 60)])
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))
