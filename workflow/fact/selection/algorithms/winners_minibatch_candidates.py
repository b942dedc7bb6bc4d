"""Candidate lists for ActiveFT in random batches: an image's list outlives the batch that made it."""

from concurrent.futures import Executor

import torch

from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.winners_lists import CandidateLists
from fact.selection.algorithms.winners_sums import sums_by_winner


class MinibatchCandidates:
    """Exact winners of a new batch at every call, from lists that images keep between their batches."""

    def __init__(self, pool: torch.Tensor, batches: Batches, size: int, executor: Executor) -> None:
        """``batches`` are rows of ``pool`` (N, D) float32; for the rest see ``CandidateLists``."""
        self.pool = pool.numpy()
        self.map = executor.map
        self.batches = batches
        self.lists = CandidateLists(self.pool, size, executor)

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        images = self.batches.draw()
        self.batch = self.pool[images]
        winner, cosine = self.lists.search(self.batch, images, centroids)
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mass, total = sums_by_winner(self.batch, weights.numpy(), winner.numpy(), budget, self.map)
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return f"batches of {self.batches.size}, {self.lists.summary()}"
