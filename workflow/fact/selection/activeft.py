"""ActiveFT: centroids that follow the pool's density and repel each other, then their nearest images.

Source: Xie et al., "Active Finetuning: Exploiting Annotation Budget in the Pretraining-Finetuning
Paradigm", CVPR 2023; the released code (github.com/yichen928/ActiveFT, the full-batch CIFAR variant)
is followed where it differs from the paper. The objective is described in ``activeft_objective``.
Not to be confused with the PyPI package ``activeft``, which is another method.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from fact.selection.activeft_objective import loss_and_gradient
from fact.selection.adam import adam
from fact.selection.contract import Selection, check_request
from fact.selection.threads import one_thread, workers
from fact.selection.winners import ExactWinners, Winners, tile_rows

log = logging.getLogger(__name__)

# (images x centroids) up to which the exact product is so quick that candidate lists do not pay
SMALL_PRODUCT = 250_000


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
    refresh_every: int = 20,
    candidates: int = 8,
    device: str = "auto",
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); rank is the centroid's, score its cosine to the pick.

    The first five parameters are the released code's, with its defaults. ``refresh_every`` and
    ``candidates`` trade exactness for speed on large pools on a CPU (see ``winners_candidates``);
    ``refresh_every=1`` is the exact algorithm. ``device`` is auto, cpu or cuda.
    Raises ValueError for a budget, features or parameters that make no sense.
    """
    check_request(features, budget)
    _check_positive(
        iterations=iterations,
        temperature=temperature,
        balance=balance,
        learning_rate=learning_rate,
        refresh_every=refresh_every,
        candidates=candidates,
    )
    pool = torch.from_numpy(unit_rows(features)).to(_torch_device(device))
    start = np.random.default_rng(seed).permutation(len(features))[:budget]
    theta = pool[torch.from_numpy(start).to(pool.device)]
    with open_winners(pool, budget, refresh_every, candidates) as winners:
        fit = fit_centroids(
            theta,
            winners,
            iterations=iterations,
            temperature=temperature,
            balance=balance,
            learning_rate=learning_rate,
        )
    log.info("ActiveFT: loss %.6f to %.6f; %s", fit.losses[0], fit.losses[-1], winners.summary())
    return read_out(pool, fit.centroids)


def unit_rows(features: np.ndarray) -> np.ndarray:
    """``features`` (N, D) as float32 with rows of norm 1, in new memory."""
    norms = np.sqrt(np.einsum("nd,nd->n", features, features, dtype=np.float64))
    return np.divide(features, norms[:, None].astype(np.float32), dtype=np.float32)


@contextmanager
def open_winners(pool: torch.Tensor, budget: int, refresh_every: int, candidates: int) -> Iterator[Winners]:
    """The exact search on a GPU, where it is quick, and where it is wanted; candidate lists elsewhere."""
    small = len(pool) * budget <= SMALL_PRODUCT
    if small and not pool.is_cuda:
        with one_thread():  # products so small that a second thread costs more than it brings
            yield ExactWinners(pool)
    elif refresh_every == 1 or pool.is_cuda:
        yield ExactWinners(pool)
    else:
        from fact.selection.winners_candidates import CandidateWinners  # numba takes half a second to import

        with workers() as executor:
            yield CandidateWinners(pool, candidates, refresh_every, executor)


def fit_centroids(
    theta: torch.Tensor,
    winners: Winners,
    *,
    iterations: int,
    temperature: float,
    balance: float,
    learning_rate: float,
) -> Fit:
    """Minimise the objective over centroids that start from ``theta`` (budget, D), by full-batch Adam."""
    theta, losses = theta.clone(), []
    step = adam(theta, learning_rate)
    for _ in range(iterations):
        loss, gradient = loss_and_gradient(theta, winners, temperature, balance)
        losses.append(loss)
        step(gradient)
    return Fit(torch.nn.functional.normalize(theta, dim=1), losses)


def read_out(pool: torch.Tensor, centroids: torch.Tensor) -> Selection:
    """Each centroid in turn takes its most similar image that none before it took.

    ``pool`` (N, D) and ``centroids`` (budget <= N, D) have unit rows. The scores are their cosines.
    """
    picks = torch.empty(len(centroids), dtype=torch.int64, device=pool.device)
    scores = torch.empty(len(centroids), dtype=pool.dtype, device=pool.device)
    rows = tile_rows(len(pool))
    for start in range(0, len(centroids), rows):
        cosine = centroids[start : start + rows] @ pool.T
        cosine[:, picks[:start]] = -torch.inf
        for offset, similarity in enumerate(cosine):
            rank = start + offset
            scores[rank], picks[rank] = similarity.max(dim=0)
            cosine[offset:, picks[rank]] = -torch.inf
    return Selection(picks.cpu().numpy(), scores.cpu().numpy().astype(np.float32))


def _torch_device(name: str) -> torch.device:
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device {name!r} is unknown to activeft; choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            "device 'cuda' was asked for and this machine has no usable CUDA GPU; use auto or cpu"
        )
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _check_positive(**params: float) -> None:
    for name, value in params.items():
        if not value > 0:
            raise ValueError(f"activeft parameter {name} is {value}; it must be greater than 0")
