"""Greedy maximisation of the generalised coverage, without ever holding a kernel matrix.

Source: Bae, Noh & Sutherland, "Generalized Coverage for More Robust Low-Budget Active Learning", ECCV 2024:
with a kernel k, picks S cover the pool by C(S) = mean_n max_{s in S} k(x_n, s). Each pick x adds its gain,
mean_n max(k(x_n, x) - c_n, 0), where c_n is image n's cover by the picks before. Picks only ever shrink
gains, so that a gain from an earlier pick bounds today's: only rows whose bound could still win are computed
again (lazy greedy, Minoux 1978). The result is that of computing all. Memory is O(N) and a tile; time is one
pass over all pairs, and then as many rows a pick as the bounds leave open.
"""

from collections.abc import Callable

import numpy as np
import torch

from fact.selection.algorithms.farthest import farthest_first
from fact.selection.algorithms.tiles import tile_rows

Kernel = Callable[[torch.Tensor], torch.Tensor]
"""From cosines to values between 0 and 1, elementwise and in place; never decreasing."""

BLOCK = 128  # rows whose gains are computed together
OUT = -1.0  # the bound of a row that cannot be picked


class Coverage:
    """The cover of a pool (N, D) of unit rows by the rows added so far, and what others would gain."""

    def __init__(self, pool: torch.Tensor, kernel: Kernel) -> None:
        self.pool = pool
        self.kernel = kernel
        self.cover = pool.new_zeros(len(pool))

    def add(self, rows: torch.Tensor) -> None:
        """Cover the pool by ``rows`` (n,), one at a time."""
        for row in rows:
            torch.maximum(self.cover, self.kernel(self.pool @ self.pool[row]), out=self.cover)

    def gains(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the mean cover over the pool that each of ``rows`` (n,) would add: (n,) float64."""
        total = torch.zeros(len(rows), dtype=torch.float64, device=self.pool.device)
        size, candidates = tile_rows(len(rows), self.pool.device), self.pool[rows].T
        for tile, cover in zip(self.pool.split(size), self.cover.split(size), strict=True):
            value = self.kernel(tile @ candidates)
            total += value.sub_(cover[:, None]).clamp_(min=0).sum(dim=0)
        return total / len(self.pool)


def greedy_cover(
    pool: torch.Tensor, kernel: Kernel, budget: int, labelled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``budget`` rows of ``pool`` (N, D) that greedily add most to the cover by ``labelled``;
    their gains.

    Between equal gains the lowest row is taken. Once nothing is left to gain, the rows farthest from all
    picks follow, with gain 0. Rows are (budget,) int64, gains (budget,) float64.
    """
    coverage = Coverage(pool, kernel)
    coverage.add(torch.from_numpy(labelled))
    picks, gains = _gaining_rows(coverage, budget, labelled)
    rest, _ = farthest_first(pool.cpu().numpy(), np.concatenate([labelled, picks]), budget - len(picks))
    return np.concatenate([picks, rest]), np.concatenate([gains, np.zeros(len(rest))])


def _gaining_rows(coverage: Coverage, budget: int, labelled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``greedy_cover`` does, up to the last row that gains."""
    everyone = torch.arange(len(coverage.pool), device=coverage.pool.device)
    bound = torch.cat([coverage.gains(rows) for rows in everyone.split(8 * BLOCK)])
    bound[torch.from_numpy(labelled)] = OUT
    known_at = torch.zeros_like(everyone)  # the rank for which a bound is the gain itself
    picks, gains = [], []
    for rank in range(budget):
        best = _refresh(coverage, bound, known_at, rank=rank)
        if bound[best] <= 0:
            break
        picks.append(best)
        gains.append(bound[best].item())
        coverage.add(everyone[best : best + 1])
        bound[best] = OUT
    return np.array(picks, np.int64), np.array(gains)


def _refresh(coverage: Coverage, bound: torch.Tensor, known_at: torch.Tensor, rank: int) -> int:
    """Turn the largest bounds into gains until the largest of all is one; gives its row, the lowest such."""
    while known_at[best := int(bound.argmax())] < rank and bound[best] > 0:
        stale = torch.where(known_at < rank, bound, OUT)
        rows = stale.topk(min(BLOCK, len(bound))).indices
        rows = rows[stale[rows] > 0]
        bound[rows] = torch.minimum(bound[rows], coverage.gains(rows))
        known_at[rows] = rank
    return best
