import subprocess
import sys

import numpy as np
import pytest
import torch
from activeft_oracle import published_loss
from fact.selection.algorithms import open_assignment as assignments
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.candidate_assignment import CandidateAssignment
from fact.selection.algorithms.centroids import (
    Fit,
    Objective,
    fit_centroids,
    loss_and_gradient,
)
from fact.selection.algorithms.nearest_images import nearest_images
from fact.selection.algorithms.open_assignment import open_assignment
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.threads import workers
from fact.selection.selectors.activeft import Parameters, select
from pools import clustered_pool
from torch.nn.functional import normalize

PUBLISHED = {"temperature": 0.07, "balance": 1.0, "learning_rate": 1e-3}


def final_loss(fit: Fit, pool: torch.Tensor) -> float:
    return loss_and_gradient(
        fit.centroids.double(), ExactAssignment(pool.double()), Objective(temperature=0.07, balance=1.0)
    )[0].item()


def test_the_defaults_are_the_published_ones():
    defaults = Parameters()
    assert defaults.iterations == 300
    assert {name: getattr(defaults, name) for name in PUBLISHED} == PUBLISHED


def test_trajectory_matches_autograd_in_float64():
    pool = torch.from_numpy(unit_rows(clustered_pool(300, 12, 9))).double()
    theta = pool[:20].clone().requires_grad_()
    optimizer, expected = torch.optim.Adam([theta], lr=1e-3), []
    fit = fit_centroids(theta.detach(), ExactAssignment(pool), Objective(iterations=40, **PUBLISHED))
    for _ in range(40):
        optimizer.zero_grad()
        loss = published_loss(theta, pool, 0.07, 1.0)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    np.testing.assert_allclose(fit.losses, expected, rtol=1e-9)
    torch.testing.assert_close(fit.centroids, normalize(theta.detach(), dim=1), rtol=0, atol=1e-7)


def test_the_start_is_left_as_it_was():
    pool = torch.from_numpy(unit_rows(clustered_pool(60, 8, 4)))
    theta = pool[:5].clone()
    fit_centroids(theta, ExactAssignment(pool), Objective(iterations=3, **PUBLISHED))
    assert torch.equal(theta, pool[:5])


def test_candidate_lists_match_the_exact_search():
    pool = torch.from_numpy(unit_rows(clustered_pool(4000, 48, 60)))
    theta = pool[torch.from_numpy(np.random.default_rng(0).permutation(4000)[:150])]
    with workers() as executor:
        lists = CandidateAssignment(pool, 16, executor)
        fits = [
            fit_centroids(theta, one, Objective(iterations=100, **PUBLISHED))
            for one in (ExactAssignment(pool), lists)
        ]
    losses = [final_loss(fit, pool) for fit in fits]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    picks = [set(nearest_images(pool, fit.centroids).indices.tolist()) for fit in fits]
    assert len(picks[0] & picks[1]) >= 0.98 * 150
    assert lists.lists.refreshed < 0.3 * lists.lists.searched
    assert losses[1] < fits[1].losses[0] - 0.1


def test_the_final_loss_is_the_published_formulas():
    pool = torch.from_numpy(unit_rows(clustered_pool(1000, 24, 20)))
    theta = pool[:60].double().requires_grad_()
    optimizer = torch.optim.Adam([theta], lr=PUBLISHED["learning_rate"])
    with workers() as executor:
        fit = fit_centroids(
            pool[:60], CandidateAssignment(pool, 16, executor), Objective(iterations=300, **PUBLISHED)
        )
    for _ in range(300):
        optimizer.zero_grad()
        loss = published_loss(theta, pool.double(), 0.07, 1.0)
        loss.backward()
        optimizer.step()
    assert fit.losses[-1] == pytest.approx(loss.item(), rel=1e-4)


def test_large_products_use_lists(monkeypatch):
    pool = torch.from_numpy(unit_rows(clustered_pool(100, 8, 4)))

    def search():
        with open_assignment(pool, 10) as assignment:
            return type(assignment)

    assert search() is ExactAssignment
    monkeypatch.setattr(assignments, "SMALL_PRODUCT", 999)
    assert search() is CandidateAssignment


@pytest.mark.parametrize("candidates", [1, 40])
def test_the_length_of_the_lists_changes_no_pick(monkeypatch, candidates):
    monkeypatch.setattr(assignments, "SMALL_PRODUCT", 0)
    features = clustered_pool(1500, 32, 30)
    found = select(features, 40, seed=2, iterations=60, candidates=candidates)
    assert len(set(found.indices) & set(select(features, 40, seed=2, iterations=60).indices)) >= 38


def test_both_searches_select_alike_in_one_thread_and_in_three(monkeypatch):
    features, selections, threads = clustered_pool(1500, 32, 30), [], torch.get_num_threads()
    try:
        for product, count in ((0, 1), (0, 3), (10**9, 1), (10**9, 3)):
            monkeypatch.setattr(assignments, "SMALL_PRODUCT", product)
            torch.set_num_threads(count)
            selections.append(select(features, 40, seed=2, iterations=60))
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    assert selections[0].indices.tobytes() == selections[1].indices.tobytes()
    assert selections[2].indices.tobytes() == selections[3].indices.tobytes()
    assert len(set(selections[0].indices.tolist()) & set(selections[2].indices.tolist())) >= 38


def test_well_separated_clusters_get_one_image_each():
    generator = np.random.default_rng(0)
    clusters = np.repeat(np.arange(6), 30)
    features = (np.eye(16)[clusters] + 0.05 * generator.standard_normal((180, 16))).astype(np.float32)
    covered = [len(set(clusters[select(features, 6, seed, iterations=100).indices])) for seed in range(8)]
    by_chance = [len(set(clusters[generator.permutation(180)[:6]])) for _ in range(200)]
    assert np.mean(covered) > np.mean(by_chance)


def test_seeds_differ_and_scale_does_not_matter():
    features = clustered_pool(200, 8, 5)
    first = select(features, 10, seed=0).indices
    assert not np.array_equal(first, select(features, 10, seed=1).indices)
    assert np.array_equal(first, select(4 * features, 10, seed=0).indices)


def test_what_happened_is_logged(caplog):
    with caplog.at_level("INFO", "fact.selection.algorithms.centroids"):
        select(clustered_pool(100, 8, 4), 5, seed=0, iterations=4)
    assert "exact assignment" in caplog.text


def test_labelled_images_are_centroids_that_stay():
    pool = torch.from_numpy(unit_rows(clustered_pool(300, 12, 9)))
    theta = pool[:20].clone()
    fit = fit_centroids(theta, ExactAssignment(pool), Objective(iterations=30, **PUBLISHED), fixed=5)
    torch.testing.assert_close(fit.centroids[:5], theta[:5], rtol=0, atol=1e-6)
    assert (fit.centroids[5:] - theta[5:]).norm(dim=1).min() > 1e-3


def test_labelled_images_repel():
    pool = torch.from_numpy(unit_rows(clustered_pool(300, 12, 1)))
    beside, alone = (
        fit_centroids(
            pool[rows], ExactAssignment(pool), Objective(iterations=300, **PUBLISHED), fixed=fixed
        ).centroids[-1]
        for rows, fixed in (([0, 1], 1), ([1], 0))
    )
    assert pool[0] @ beside < pool[0] @ alone - 0.01


@pytest.mark.parametrize("small_product", [0, 10**9])
@pytest.mark.parametrize("batch_size", [400, 1000])
def test_a_batch_as_large_as_the_pool_is_the_full_variant(monkeypatch, small_product, batch_size):
    monkeypatch.setattr(assignments, "SMALL_PRODUCT", small_product)
    features = clustered_pool(400, 16, 12)
    full, batch = (select(features, 30, 0, iterations=40, batch_size=size) for size in (None, batch_size))
    assert full.indices.tobytes() == batch.indices.tobytes()
    assert full.scores.tobytes() == batch.scores.tobytes()


def test_small_batches_change_the_picks_but_not_the_coverage(monkeypatch):
    features = clustered_pool(3000, 32, 40)
    pool = torch.from_numpy(unit_rows(features))

    def covered(**params):
        picks = select(features, 60, 0, iterations=60, **params).indices
        return (pool @ pool[picks].T).amax(dim=1).mean().item()

    full, exact = covered(), covered(batch_size=600)
    monkeypatch.setattr(assignments, "SMALL_PRODUCT", 0)
    assert exact == pytest.approx(full, abs=0.01)
    assert covered(batch_size=600) == pytest.approx(exact, abs=0.002)


@pytest.mark.parametrize(
    "name", ["iterations", "temperature", "balance", "learning_rate", "candidates", "batch_size"]
)
def test_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"activeft parameter {name} is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: 0})


def test_unknown_devices_are_refused():
    with pytest.raises(ValueError, match="device 'tpu' is unknown"):
        select(clustered_pool(20, 4, 2), 3, seed=0, device="tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_missing_gpu_is_named():
    with pytest.raises(ValueError, match="no usable CUDA GPU"):
        select(clustered_pool(20, 4, 2), 3, seed=0, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_selects_alike():
    features = clustered_pool(3000, 32, 30)
    cpu, gpu = (select(features, 60, seed=0, iterations=50, device=name) for name in ("cpu", "cuda"))
    assert len(set(cpu.indices.tolist()) & set(gpu.indices.tolist())) >= 58


def test_small_selections_import_neither_numba_nor_the_compiler():
    code = (
        "import sys, numpy as np; from fact.selection.selectors.activeft import select;"
        "select(np.random.default_rng(0).standard_normal((50, 8)).astype('float32'), 5, 0, iterations=3);"
        "print([name for name in ('numba', 'torch._dynamo', 'pandas', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
