r"""Centroids that follow the pool's density and repel each other: ActiveFT's objective, and its minimum.

With unit pool features z_i (i = 1..N), centroids c_j = theta_j / |theta_j| (j = 1..B), temperature tau,
balance b, s_ij = z_i·c_j / tau and a_i = argmax_j s_ij, the released code
(github.com/yichen928/ActiveFT, data_selection/sample_tools/ActiveFT_CIFAR.py) minimises

    J = -mean_i log( e^{s_i,a_i} / (e^{s_i,a_i} + b S_{a_i}) ),    S_j = sum_l e^{sg(c_l)·c_j / tau}
      = mean_i softplus(u_i),    u_i = log b + log S_{a_i} - s_{i,a_i}

where sg stops the gradient: repulsion moves c_j away from the others and never the others away from c_j.
The sum holds the self-term l = j. The paper's loss (restated in BiLAF, NeurIPS 2024, Eq. 10) is another one:
it averages the repulsion over centroids, without l = j and without the positive term in the denominator.
The code produced the published numbers, so the code is followed.

With sigma_i = sigmoid(u_i) / N, m_j = sum_{i: a_i = j} sigma_i and P_j = sum_l e^{c_l·c_j / tau} c_l / S_j,

    dJ/dc_j = ( m_j P_j - sum_{i: a_i = j} sigma_i z_i ) / tau,
    dJ/dtheta_j = ( dJ/dc_j - (dJ/dc_j · c_j) c_j ) / |theta_j|.

Images may have weights w_i > 0 (VeCAF, ACM MM 2024): beside each term of the sum, w_i softplus(u_i) and
w_i sigma_i; or inside the logarithm, w_i e^{s_i}, which takes log w_i from u_i.

Only each image's best centroid enters, so no (N, B) softmax and no autograd graph is ever stored.
"""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import normalize, softplus

from fact.selection.algorithms.assignment import Assignment
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.nearest_images import nearest_images
from fact.selection.algorithms.open_assignment import CANDIDATES, open_assignment
from fact.selection.contract import Selection

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Objective:
    """What is minimised, and for how long; see :func:`loss_and_gradient`.

    ``weights`` (N,) of mean 1 weigh the images' terms; ``weights_inside``: they stand inside the logarithm.
    """

    iterations: int = 300
    temperature: float = 0.07
    balance: float = 1.0
    learning_rate: float = 1e-3
    weights: torch.Tensor | None = None
    weights_inside: bool = False


class Fit(NamedTuple):
    """Optimised centroids and what happened on the way."""

    centroids: torch.Tensor  # (budget, D), unit norm
    losses: list[float]  # the objective before each step


def pick_by_centroids(
    pool: torch.Tensor,
    start: np.ndarray,
    labelled: np.ndarray,
    objective: Objective,
    *,
    candidates: int = CANDIDATES,
    batches: Batches | None = None,
) -> Selection:
    """Return the images nearest to centroids that start from the rows ``start`` of ``pool`` (N, D).

    The pool has unit rows. The first of ``start`` are the ``labelled`` rows, which stay where they are.
    """
    theta = pool[torch.from_numpy(start).to(pool.device)]
    with open_assignment(pool, len(theta), candidates, batches=batches) as assignment:
        fit = fit_centroids(theta, assignment, objective, fixed=len(labelled))
    log.info("centroids: loss %.6f to %.6f; %s", fit.losses[0], fit.losses[-1], assignment.summary())
    return nearest_images(pool, fit.centroids[len(labelled) :], labelled)


def fit_centroids(theta: torch.Tensor, assignment: Assignment, objective: Objective, fixed: int = 0) -> Fit:
    """Minimise the objective over centroids that start from ``theta`` (budget, D), by Adam.

    The first ``fixed`` of them stay where they are.
    """
    theta, losses = theta.clone(), []  # losses stay on the device: reading one would make a GPU wait
    step = adam(theta, objective.learning_rate)
    for _ in range(objective.iterations):
        loss, gradient = loss_and_gradient(theta, assignment, objective)
        losses.append(loss)
        gradient[:fixed] = 0  # Adam leaves alone what never had a gradient
        step(gradient)
    return Fit(normalize(theta, dim=1), torch.stack(losses).tolist())


def loss_and_gradient(
    theta: torch.Tensor, assignment: Assignment, objective: Objective
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return J, a scalar, and dJ/dtheta (B, D) at ``theta`` (B, D); ``assignment`` finds the a_i."""
    weights, temperature = objective.weights, objective.temperature
    centroids = normalize(theta, dim=1)
    log_total, repulsion = repel(centroids, temperature, assignment.map)
    nearest, cosine = assignment.nearest(centroids)
    u = log_total[nearest] + math.log(objective.balance) - cosine / temperature
    if weights is not None and objective.weights_inside:
        u = u - weights.log()
    importance = 1.0 if weights is None or objective.weights_inside else weights
    mass, attraction = assignment.sums(importance * torch.sigmoid(u) / len(u), nearest, len(theta))
    gradient = (mass[:, None] * repulsion - attraction) / temperature
    radial = (gradient * centroids).sum(dim=1, keepdim=True)
    loss = (importance * softplus(u)).mean()
    return loss, (gradient - radial * centroids) / theta.norm(dim=1, keepdim=True)


def repel(
    centroids: torch.Tensor, temperature: float, each: Callable[..., Iterable] = map, rows: int = 128
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return log S (B,) and P (B, D) of unit ``centroids`` (B, D), ``rows`` at a time, mapped by ``each``."""
    tiles = each(partial(_repel_tile, centroids, temperature), centroids.split(rows))
    log_totals, means = zip(*tiles, strict=True)
    return torch.cat(log_totals), torch.cat(means)


def _repel_tile(
    centroids: torch.Tensor, temperature: float, tile: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    # no cosine exceeds 1, so with 1 taken away S is between 1 and B: no overflow, no search for the maximum
    shift = tile.new_full((), -1 / temperature)
    similarity = torch.addmm(shift, tile, centroids.T, alpha=1 / temperature).exp_()
    total = similarity.sum(dim=1)
    return total.log() + 1 / temperature, similarity @ centroids / total[:, None]


def adam(
    theta: torch.Tensor, learning_rate: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
) -> Callable[[torch.Tensor], None]:
    """Return a step of Adam (Kingma & Ba, ICLR 2015, Algorithm 1) that moves ``theta`` in place.

    The step takes the gradient at ``theta``; the defaults are PyTorch's.

    ``torch.optim.Adam`` does the same, but its first step imports PyTorch's compiler: a second or more,
    longer than many selections take.
    """
    mean, square = torch.zeros_like(theta), torch.zeros_like(theta)
    steps = 0

    def step(gradient: torch.Tensor) -> None:
        nonlocal steps
        steps += 1
        mean.lerp_(gradient, 1 - betas[0])
        square.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
        spread = (square / (1 - betas[1] ** steps)).sqrt_().add_(eps)
        theta.addcdiv_(mean, spread, value=-learning_rate / (1 - betas[0] ** steps))

    return step
