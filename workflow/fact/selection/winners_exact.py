"""Each image's most similar centroid, by the exact product taken in tiles, on a CPU or a GPU."""

from typing import Protocol

import torch

# elements of the largest tile of a product: 16 MiB in float32, so that the whole product never exists
TILE_ELEMENTS = 2**22


class Winners(Protocol):
    """A pool (N, D) of unit rows that tells which centroid each row is nearest to."""

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The best of the unit ``centroids`` (B, D): its number (N,) and its cosine (N,)."""

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """For each centroid, the sum of ``weights`` (N,) over its rows, (B,), and of weight x row, (B, D)."""

    def summary(self) -> str:
        """How the winners were found, for the log."""


class ExactWinners:
    """Winners by the exact product; every sum is a matrix product, so it is the same on each run."""

    def __init__(self, pool: torch.Tensor, rows: int | None = None) -> None:
        """``pool`` (N, D) of unit rows, taken ``rows`` at a time (default: as many as fit a tile)."""
        self.pool = pool
        self.rows = rows

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        best = [(tile @ centroids.T).max(dim=1) for tile in self._tiles(len(centroids))]
        return torch.cat([tile.indices for tile in best]), torch.cat([tile.values for tile in best])

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        mass, total = self.pool.new_zeros(budget), self.pool.new_zeros(budget, self.pool.shape[1])
        start = 0
        for tile in self._tiles(budget):
            stop = start + len(tile)
            share = tile.new_zeros(len(tile), budget)
            share.scatter_(1, winner[start:stop, None], weights[start:stop, None])
            mass += share.sum(dim=0)
            total.addmm_(share.T, tile)
            start = stop
        return mass, total

    def summary(self) -> str:
        return "exact winners"

    def _tiles(self, budget: int) -> tuple[torch.Tensor, ...]:
        return self.pool.split(self.rows or tile_rows(budget))


def tile_rows(columns: int) -> int:
    """Rows of a tile of a product with ``columns`` columns; at least 256, or the product would crawl."""
    return max(256, TILE_ELEMENTS // columns)
