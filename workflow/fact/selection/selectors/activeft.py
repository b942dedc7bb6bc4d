"""ActiveFT: centroids that follow the pool's density and repel each other, then their nearest images.

Source: Xie et al., "Active Finetuning: Exploiting Annotation Budget in the Pretraining-Finetuning
Paradigm", CVPR 2023; the released code (github.com/yichen928/ActiveFT, its full-batch CIFAR variant and
its minibatch ImageNet variant) is followed where it differs from the paper. The objective is described in
``activeft_objective``. Not to be confused with the PyPI package ``activeft``, which is another method.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from fact.selection.algorithms.activeft_objective import loss_and_gradient
from fact.selection.algorithms.adam import adam
from fact.selection.algorithms.draw import Batches, random_rows
from fact.selection.algorithms.pool import unit_pool
from fact.selection.algorithms.read_out import read_out
from fact.selection.algorithms.threads import one_thread, workers
from fact.selection.algorithms.winners import ExactWinners, Winners
from fact.selection.algorithms.winners_minibatch import MinibatchWinners
from fact.selection.contract import Selection, check_positive, check_request

log = logging.getLogger(__name__)

# (images x centroids) up to which the exact product is so quick that candidate lists do not pay
SMALL_PRODUCT = 250_000
# length of the candidate lists
CANDIDATES = 24


class Fit(NamedTuple):
    """Optimised centroids and what happened on the way."""

    centroids: torch.Tensor  # (budget, D), unit norm
    losses: list[float]  # the objective before each step


def select(
    features: np.ndarray,
    budget: int,
    seed: int,
    *,
    iterations: int = 300,
    temperature: float = 0.07,
    balance: float = 1.0,
    learning_rate: float = 1e-3,
    batch_size: int | None = None,
    candidates: int = CANDIDATES,
    device: str = "auto",
    bought: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); rank is the centroid's, score its cosine to the pick.

    The first five parameters are the released code's, with its defaults. With a ``batch_size`` below N each
    iteration attracts by that many random images, as its ImageNet variant does (batch_size 100,000,
    iterations 100), and otherwise by the whole pool. ``candidates``, the length of the lists that a large
    pool on a CPU is searched by (see ``winners_candidates``), changes the time and no winner. ``device`` is
    auto, cpu or cuda. Each of the ``bought`` rows is a centroid that stays where it is: it repels the others
    and takes no pick.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    bought = check_request(features, budget, bought)
    step_size = len(features) if batch_size is None else batch_size
    check_positive(
        "activeft",
        iterations=iterations,
        temperature=temperature,
        balance=balance,
        learning_rate=learning_rate,
        batch_size=step_size,
        candidates=candidates,
    )
    batches = None if step_size >= len(features) else Batches(len(features), step_size, seed)
    return pick_by_centroids(
        unit_pool(features, device),
        np.concatenate([bought, random_rows(len(features), budget, seed, bought)]),
        bought,
        candidates=candidates,
        batches=batches,
        iterations=iterations,
        temperature=temperature,
        balance=balance,
        learning_rate=learning_rate,
    )


def pick_by_centroids(
    pool: torch.Tensor,
    start: np.ndarray,
    bought: np.ndarray,
    *,
    candidates: int = CANDIDATES,
    batches: Batches | None = None,
    **objective: object,
) -> Selection:
    """The picks of centroids that start from the rows ``start`` of ``pool`` (N, D), unit rows.

    The first of them are the ``bought`` rows, which stay. ``objective``: keywords of :func:`fit_centroids`.
    """
    theta = pool[torch.from_numpy(start).to(pool.device)]
    with open_winners(pool, len(theta), candidates, batches) as winners:
        fit = fit_centroids(theta, winners, fixed=len(bought), **objective)
    log.info("centroids: loss %.6f to %.6f; %s", fit.losses[0], fit.losses[-1], winners.summary())
    return read_out(pool, fit.centroids[len(bought) :], bought)


@contextmanager
def open_winners(
    pool: torch.Tensor, budget: int, candidates: int = CANDIDATES, batches: Batches | None = None
) -> Iterator[Winners]:
    """The exact product on a GPU, where it is quick, and where it is small; candidate lists elsewhere.

    Without ``batches``, every step takes the whole pool.
    """
    if pool.is_cuda:
        yield _exact(pool, batches)
    elif (batches.size if batches else len(pool)) * budget <= SMALL_PRODUCT:
        with one_thread():  # products so small that a second thread costs more than it brings
            yield _exact(pool, batches)
    else:
        with workers() as executor:
            yield _listed(pool, batches, candidates, executor)


def _exact(pool: torch.Tensor, batches: Batches | None) -> Winners:
    return MinibatchWinners(pool, batches) if batches else ExactWinners(pool)


def _listed(pool: torch.Tensor, batches: Batches | None, candidates: int, executor: Executor) -> Winners:
    # numba takes half a second to import
    from fact.selection.algorithms.winners_candidates import CandidateWinners
    from fact.selection.algorithms.winners_minibatch_candidates import MinibatchCandidates

    if batches:
        return MinibatchCandidates(pool, batches, candidates, executor)
    return CandidateWinners(pool, candidates, executor)


def fit_centroids(
    theta: torch.Tensor,
    winners: Winners,
    *,
    iterations: int,
    temperature: float,
    balance: float,
    learning_rate: float,
    fixed: int = 0,
    weights: torch.Tensor | None = None,
    weights_inside: bool = False,
) -> Fit:
    """Minimise the objective over centroids that start from ``theta`` (budget, D), by Adam.

    The first ``fixed`` of them stay where they are. ``weights`` (N,) of the images, and where they stand,
    are those of ``loss_and_gradient``.
    """
    theta, losses = theta.clone(), []
    step = adam(theta, learning_rate)
    for _ in range(iterations):
        loss, gradient = loss_and_gradient(theta, winners, temperature, balance, weights, weights_inside)
        losses.append(loss)
        gradient[:fixed] = 0  # Adam leaves alone what never had a gradient
        step(gradient)
    return Fit(torch.nn.functional.normalize(theta, dim=1), losses)
