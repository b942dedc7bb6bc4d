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

Only each image's best centroid enters, so no (N, B) softmax and no autograd graph is ever stored.
"""

import math

import torch
from torch.nn.functional import normalize, softplus

from fact.selection.winners import Winners, tile_rows


def loss_and_gradient(
    theta: torch.Tensor, winners: Winners, temperature: float, balance: float
) -> tuple[float, torch.Tensor]:
    """J and dJ/dtheta (B, D) at ``theta`` (B, D); ``winners`` holds the pool and finds the a_i."""
    centroids = normalize(theta, dim=1)
    log_total, repulsion = repel(centroids, temperature)
    winner, cosine = winners.nearest(centroids)
    u = log_total[winner] + math.log(balance) - cosine / temperature
    mass, attraction = winners.sums(torch.sigmoid(u) / len(u), winner, len(theta))
    gradient = (mass[:, None] * repulsion - attraction) / temperature
    radial = (gradient * centroids).sum(dim=1, keepdim=True)
    return softplus(u).mean().item(), (gradient - radial * centroids) / theta.norm(dim=1, keepdim=True)


def repel(
    centroids: torch.Tensor, temperature: float, rows: int | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """log S (B,) and P (B, D) of unit ``centroids`` (B, D), ``rows`` centroids at a time.

    No cosine exceeds 1, so taking 1 away before the exponential keeps S between 1 and B: no overflow,
    and no pass to look for the largest term.
    """
    log_totals, means = [], []
    for tile in centroids.split(rows or tile_rows(len(centroids))):
        similarity = (tile @ centroids.T).sub_(1).div_(temperature).exp_()
        total = similarity.sum(dim=1)
        log_totals.append(total.log() + 1 / temperature)
        means.append(similarity @ centroids / total[:, None])
    return torch.cat(log_totals), torch.cat(means)
