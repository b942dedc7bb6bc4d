r"""ActiveFT's objective and its gradient in closed form.

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

import math
from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch.nn.functional import normalize, softplus

from fact.selection.algorithms.winners import Winners


def loss_and_gradient(
    theta: torch.Tensor,
    winners: Winners,
    temperature: float,
    balance: float,
    weights: torch.Tensor | None = None,
    weights_inside: bool = False,
) -> tuple[float, torch.Tensor]:
    """J and dJ/dtheta (B, D) at ``theta`` (B, D); ``winners`` holds the pool and finds the a_i.

    ``weights`` (N,) of mean 1 weigh the images' terms; ``weights_inside``: they stand inside the logarithm.
    """
    centroids = normalize(theta, dim=1)
    log_total, repulsion = repel(centroids, temperature, winners.map)
    winner, cosine = winners.nearest(centroids)
    u = log_total[winner] + math.log(balance) - cosine / temperature
    if weights is not None and weights_inside:
        u = u - weights.log()
    importance = 1.0 if weights is None or weights_inside else weights
    mass, attraction = winners.sums(importance * torch.sigmoid(u) / len(u), winner, len(theta))
    gradient = (mass[:, None] * repulsion - attraction) / temperature
    radial = (gradient * centroids).sum(dim=1, keepdim=True)
    loss = (importance * softplus(u)).mean().item()
    return loss, (gradient - radial * centroids) / theta.norm(dim=1, keepdim=True)


def repel(
    centroids: torch.Tensor, temperature: float, each: Callable[..., Iterable] = map, rows: int = 128
) -> tuple[torch.Tensor, torch.Tensor]:
    """log S (B,) and P (B, D) of unit ``centroids`` (B, D), ``rows`` at a time, mapped by ``each``."""
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
