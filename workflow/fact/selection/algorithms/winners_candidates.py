"""Exact winners of the whole pool from candidate lists, on the CPU."""

from concurrent.futures import Executor

import numpy as np
import torch

from fact.selection.algorithms.winners_lists import CandidateLists
from fact.selection.algorithms.winners_sums import sums_by_winner


class CandidateWinners:
    """Winners from lists, over a copy of the pool that is sorted by the first winners.

    Neighbours in the copy share centroids, now and later, and find them in the processor's cache.
    """

    def __init__(self, pool: torch.Tensor, size: int, executor: Executor) -> None:
        """Lists of ``size`` centroids for ``pool`` (N, D) float32; for the rest see ``CandidateLists``."""
        self.pool = pool.numpy()
        self.map = executor.map
        self.order = np.arange(len(pool))  # the image of each row
        self.lists = CandidateLists(self.pool, size, executor)

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        first = not self.lists.searched
        winner, cosine = np.empty(len(self.pool), np.int64), np.empty(len(self.pool), np.float32)
        winner[self.order], cosine[self.order] = self.lists.search(self.pool, slice(None), centroids)
        if first:
            self._sort(np.argsort(winner, kind="stable"))
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def _sort(self, order: np.ndarray) -> None:
        self.order, self.pool = order, self.pool[order]
        self.lists.sort(order)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        weight, owner = weights.numpy()[self.order], winner.numpy()[self.order]
        mass, total = sums_by_winner(self.pool, weight, owner, budget, self.map)
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return self.lists.summary()
