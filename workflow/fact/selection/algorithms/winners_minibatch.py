"""Winners of a fresh random batch of the pool at every step: ActiveFT's variant for ImageNet.

Source: github.com/yichen928/ActiveFT, data_selection/sample_tools/ActiveFT_ImageNet.py: the attraction of
each iteration is taken over 100,000 random images instead of all; repulsion and read-out are the same.
"""

import torch

from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.winners import ExactWinners


class MinibatchWinners:
    """Exact winners of a new batch at every call of ``nearest``; ``sums`` are over the last batch."""

    def __init__(self, pool: torch.Tensor, batches: Batches) -> None:
        """``batches`` are rows of ``pool`` (N, D)."""
        self.pool = pool
        self.batches = batches
        self.map = map

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.from_numpy(self.batches.draw()).to(self.pool.device)
        self.batch = ExactWinners(self.pool[rows])
        return self.batch.nearest(centroids)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return self.batch.sums(weights, winner, budget)

    def summary(self) -> str:
        return f"exact winners in batches of {self.batches.size}"
