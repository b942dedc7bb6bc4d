"""Exact nearest centroids from candidate lists, on the CPU: of the whole pool, or of random batches."""

from concurrent.futures import Executor

import numpy as np
import torch

from fact.selection.algorithms import assignment_kernels as kernels
from fact.selection.algorithms.candidate_lists import CandidateLists
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.threads import Each, in_parts


class CandidateAssignment:
    """Assignment from lists, over a copy of the pool that is sorted by the first assignment.

    Neighbours in the copy share centroids, now and later, and find them in the processor's cache.
    """

    def __init__(self, pool: torch.Tensor, size: int, executor: Executor) -> None:
        """Lists of ``size`` centroids for ``pool`` (N, D) float32; for the rest see ``CandidateLists``."""
        self.pool = pool.numpy()
        self.map: Each = executor.map
        self.order = np.arange(len(pool))  # the image of each row
        self.lists = CandidateLists(self.pool, size, executor)

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        first = not self.lists.searched
        nearest, cosine = np.empty(len(self.pool), np.int64), np.empty(len(self.pool), np.float32)
        nearest[self.order], cosine[self.order] = self.lists.search(self.pool, slice(None), centroids)
        if first:
            self._sort(np.argsort(nearest, kind="stable"))
        return torch.from_numpy(nearest), torch.from_numpy(cosine)

    def _sort(self, order: np.ndarray) -> None:
        self.order, self.pool = order, self.pool[order]
        self.lists.sort(order)

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        weight, owner = weights.numpy()[self.order], nearest.numpy()[self.order]
        mass, total = sums_by_centroid(self.pool, weight, owner, budget=budget, each=self.map)
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return self.lists.summary()


class MinibatchCandidateAssignment:
    """Exact assignment of a new batch at every call, from lists that images keep between their batches."""

    def __init__(self, pool: torch.Tensor, batches: Batches, size: int, executor: Executor) -> None:
        """``batches`` are rows of ``pool`` (N, D) float32; for the rest see ``CandidateLists``."""
        self.pool = pool.numpy()
        self.map: Each = executor.map
        self.batches = batches
        self.lists = CandidateLists(self.pool, size, executor)

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        images = self.batches.draw()
        self.batch = self.pool[images]
        nearest, cosine = self.lists.search(self.batch, images, centroids)
        return torch.from_numpy(nearest), torch.from_numpy(cosine)

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mass, total = sums_by_centroid(
            self.batch, weights.numpy(), nearest.numpy(), budget=budget, each=self.map
        )
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return f"batches of {self.batches.size}, {self.lists.summary()}"


def sums_by_centroid(
    pool: np.ndarray, weights: np.ndarray, nearest: np.ndarray, budget: int, each: Each
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of ``weights`` (budget,), and of weight x row (budget, D), over each centroid's rows.

    ``pool`` is (n, D); all are float32.

    A fixed order within each centroid, and one thread per centroid, fix the order of every sum.
    """
    order, bounds = kernels.group(nearest, budget)
    mass, total = np.empty(budget, np.float32), np.empty((budget, pool.shape[1]), np.float32)
    ends = bounds[1:]

    def add(part: slice) -> None:
        kernels.weighted_sums(pool, weights, order, bounds[part], ends[part], mass[part], total[part])

    in_parts(each, add, budget, size=64)
    return mass, total
