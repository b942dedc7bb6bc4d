"""Each image's nearest centroid, by the exact product taken in tiles, on a CPU or a GPU.

For pools of ImageNet's size a fresh random batch of the pool takes the place of the whole at every step.
Source: github.com/yichen928/ActiveFT, data_selection/sample_tools/ActiveFT_ImageNet.py: the attraction of
each iteration is taken over 100,000 random images; repulsion and the choice of images are the same.
"""

from typing import Protocol

import torch

from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.threads import Each
from fact.selection.algorithms.tiles import tile_rows


class Assignment(Protocol):
    """A pool (N, D) of unit rows that knows which centroid each row is nearest to."""

    map: Each
    """The builtin ``map``, or one that works in threads."""

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the best of the unit ``centroids`` (B, D): its number (N,) int64 and its cosine (N,)."""

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the sums of ``weights`` (B,), and of weight x row (B, D), over each centroid's rows."""

    def summary(self) -> str:
        """Return how the assignment was found, for the log."""


class ExactAssignment:
    """Assignment by the exact product; sums are products with a one-hot matrix, which fix their order."""

    def __init__(self, pool: torch.Tensor, rows: int | None = None) -> None:
        """``pool`` (N, D) of unit rows, taken ``rows`` at a time (default: as many as fit a tile)."""
        self.pool = pool
        self.rows = rows
        self.map: Each = map

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        best = [(tile @ centroids.T).max(dim=1) for tile in self.pool.split(self._rows(len(centroids)))]
        return torch.cat([tile.indices for tile in best]), torch.cat([tile.values for tile in best])

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mass, total = self.pool.new_zeros(budget), self.pool.new_zeros(budget, self.pool.shape[1])
        tiles = (tensor.split(self._rows(budget)) for tensor in (self.pool, weights, nearest))
        for rows, weight, owner in zip(*tiles, strict=True):
            share = rows.new_zeros(len(rows), budget).scatter_(1, owner[:, None], weight[:, None])
            mass += share.sum(dim=0)
            total.addmm_(share.T, rows)
        return mass, total

    def summary(self) -> str:
        return "exact assignment"

    def _rows(self, budget: int) -> int:
        return self.rows or tile_rows(budget, self.pool.device)


class MinibatchAssignment:
    """Exact assignment of a new batch at every call of ``nearest``; ``sums`` are over the last batch."""

    def __init__(self, pool: torch.Tensor, batches: Batches) -> None:
        """``batches`` are rows of ``pool`` (N, D)."""
        self.pool = pool
        self.batches = batches
        self.map: Each = map

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = torch.from_numpy(self.batches.draw()).to(self.pool.device)
        self.batch = ExactAssignment(self.pool[rows])
        return self.batch.nearest(centroids)

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return self.batch.sums(weights, nearest, budget)

    def summary(self) -> str:
        return f"exact assignment in batches of {self.batches.size}"
