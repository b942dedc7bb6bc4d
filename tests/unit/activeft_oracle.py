"""ActiveFT's loss as the paper writes it, in float64."""

import torch
from torch.nn.functional import normalize


def published_loss(
    theta: torch.Tensor, pool: torch.Tensor, temperature: float, balance: float
) -> torch.Tensor:
    """The released code's formula in float64, exponentials and all, for autograd."""
    centroids = normalize(theta, dim=1)
    best, assigned = torch.exp(pool @ centroids.T / temperature).max(dim=1)
    others = torch.exp(centroids.detach() @ centroids.T / temperature).sum(dim=0)
    return -(best / (best + balance * others[assigned])).log().mean()
