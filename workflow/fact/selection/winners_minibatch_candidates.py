"""Candidate lists for ActiveFT in random batches: an image's list outlives the batch that made it."""

from concurrent.futures import Executor

import numpy as np
import torch

from fact.selection.draw import Batches
from fact.selection.winners_candidates import CandidateWinners, best_listed, best_lists, missed_share


class MinibatchCandidates(CandidateWinners):
    """Candidate lists that each image keeps from one of its batches to the next, until they are too old.

    A list is refreshed when its image is drawn and it is ``interval`` steps old or more. The interval is
    adapted by the images whose list is at most twice as old: those that a doubled interval would let live.
    """

    def __init__(
        self, pool: torch.Tensor, batches: Batches, size: int, longest: int, executor: Executor
    ) -> None:
        """As ``CandidateWinners``; ``batches`` are rows of ``pool`` (N, D)."""
        super().__init__(pool, size, longest, executor)
        self.whole = self.pool
        self.batches = batches
        self.step = 0
        self.listed = np.full(len(pool), -1, np.int32)  # the step at which an image got its list; -1 for none

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = self.batches.draw()
        self.pool = self.whole[rows]
        winner, cosine = np.empty(len(rows), np.int64), np.empty(len(rows), np.float32)
        if not self.step:
            self.lists = np.zeros((len(self.whole), min(self.size, len(centroids))), np.int32)
        age = self.step - self.listed[rows]
        due = (age >= self.interval) | (self.listed[rows] < 0)
        winner[due], cosine[due] = self._renew(rows[due], centroids)
        kept = self.lists[rows[~due]]
        winner[~due], cosine[~due] = best_listed(self.pool[~due], centroids, kept, self.map)
        self.step += 1
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def summary(self) -> str:
        return f"batches of {self.batches.size}, {super().summary()}"

    def _renew(self, rows: np.ndarray, centroids: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        lists, cosine = best_lists(self.whole[rows], centroids, self.size, self.map)
        known = (self.listed[rows] >= 0) & (self.step - self.listed[rows] <= 2 * self.interval)
        if known.any():
            self._adapt(missed_share(self.lists[rows[known]], lists[known]))
        self.lists[rows], self.listed[rows] = lists, self.step
        return lists[:, 0], cosine
