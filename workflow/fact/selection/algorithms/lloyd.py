"""K-Means by Lloyd's steps over the whole pool or over random batches, on a CPU's threads or a GPU.

The nearest centre c of a row x has the largest x·c - |c|² / 2, the product of (x, 1) and (c, -|c|² / 2).
Divided by their norms the former are unit rows, whatever the pool is, and so every exact assignment of
``open_assignment`` serves: on a CPU, candidate lists leave most of the product out once centres move little.
The result does not depend on the number of threads.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch

from fact.selection.algorithms.assignment import Assignment, ExactAssignment
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.open_assignment import open_assignment
from fact.selection.algorithms.threads import workers

TOLERANCE = 1e-4  # of scikit-learn: centres that move less, as a share of the pool's variance, stand
PATIENCE = 10  # of scikit-learn: batches without improvement after which centres stand
# of scikit-learn: after so many rows per centre, those with less than this share of the largest's are moved
MOVE_EVERY, SMALL_SHARE = 10, 0.01
BLOCK = 100_000  # rows that are lifted at once where only their owners are wanted


class Means(NamedTuple):
    """Centres (K, D), the nearest of them (N,) int64 of each row, and the sum of squared distances."""

    centres: torch.Tensor
    owner: torch.Tensor
    inertia: float


class Lifted(NamedTuple):
    """Rows (n, D + 1) of norm 1 that point along (x, 1), and the norms (n,) that they had."""

    rows: torch.Tensor
    norms: torch.Tensor


def lift(rows: torch.Tensor) -> Lifted:
    """Return ``rows`` (n, D) as :class:`Lifted`, in new memory."""
    lifted = torch.cat([rows, rows.new_ones(len(rows), 1)], dim=1)
    norms = lifted.norm(dim=1)
    return Lifted(lifted.div_(norms[:, None]), norms)


def lift_centres(centres: torch.Tensor, reach: float) -> torch.Tensor:
    """Return (c, -|c|² / 2) for each of ``centres`` (K, D), all scaled alike to norms of at most 1.

    ``reach``: the largest norm of a row, which no mean of rows exceeds.
    """
    half = centres.square().sum(dim=1, keepdim=True) / 2
    return torch.cat([centres, -half], dim=1) / _scale(reach)


def _scale(reach: float) -> float:
    return 1.0001 * (reach**2 + reach**4 / 4) ** 0.5  # a little more, for rounding


def whole_pool(pool: torch.Tensor, start: torch.Tensor, iterations: int) -> Means:
    """Return K-Means of ``pool`` (N, D) from the centres ``start`` (K, D), over the whole pool at each step.

    Ends after ``iterations``, when no row changes its centre, or when centres stand. A centre without rows
    stays where it is. Takes the pool's memory twice more on a CPU, once more on a GPU.
    """
    lifted, reach, centres = lift(pool), _reach(pool), start.clone()
    enough, owner = TOLERANCE * pool.var(dim=0, correction=0).mean().item(), None
    with open_assignment(lifted.rows, len(start)) as assignment:
        for _ in range(iterations):
            before, (owner, score) = owner, assignment.nearest(lift_centres(centres, reach))
            if before is not None and torch.equal(before, owner):
                break
            moved = _means(assignment, lifted.norms, owner, centres)
            shift, centres = (moved - centres).square().sum().item(), moved
            if shift <= enough:
                break
        owner, score = assignment.nearest(lift_centres(centres, reach))
    return Means(centres, owner, _inertia(pool, score * lifted.norms * _scale(reach)))


def in_batches(pool: torch.Tensor, start: torch.Tensor, iterations: int, batches: Batches) -> Means:
    """Return K-Means of ``pool`` (N, D) from the centres ``start`` (K, D), over a random batch at each step.

    A centre is the mean of all rows that it was ever nearest to (Sculley, WWW 2010); now and then those with
    few rows move to random ones, as in scikit-learn's MiniBatchKMeans. Ends after as many batches as hold the
    pool ``iterations`` times, or when the smoothed inertia has not fallen for 10 batches.
    """
    reach, centres, best, smooth, waited = _reach(pool), start.clone(), float("inf"), None, 0
    total, weight = centres.new_zeros(len(start)), min(1.0, 2 * batches.size / (len(pool) + 1))
    seen = 0  # rows since centres were moved
    for _ in range(max(1, iterations * len(pool) // batches.size)):
        rows = pool[torch.from_numpy(batches.draw()).to(pool.device)]
        lifted = lift(rows)
        with _exact(lifted.rows) as assignment:
            owner, score = assignment.nearest(lift_centres(centres, reach))
            means = _means(assignment, lifted.norms, owner, centres)
        counts = torch.bincount(owner, minlength=len(start)).to(total)
        total += counts
        centres += (means - centres) * (counts / total.clamp(min=1))[:, None]
        seen += len(rows)
        if seen >= MOVE_EVERY * len(start):
            _move_small(centres, total, rows, batches.generator)
            seen = 0
        now = _inertia(rows, score * lifted.norms * _scale(reach)) / len(rows)
        smooth = now if smooth is None else (1 - weight) * smooth + weight * now
        best, waited = (smooth, 0) if smooth < best else (best, waited + 1)
        if waited == PATIENCE:
            break
    owner, inertia = nearest_centres(pool, centres)
    return Means(centres, owner, inertia)


def _move_small(
    centres: torch.Tensor, total: torch.Tensor, rows: torch.Tensor, generator: np.random.Generator
) -> None:
    """Move the ``centres`` (K, D) of few rows to random ones of ``rows``; ``total`` (K,) counts rows."""
    small = total < SMALL_SHARE * total.max()
    count = min(int(small.sum()), len(rows) // 2)
    moved = torch.topk(total, count, largest=False).indices
    chosen = generator.permutation(len(rows))[:count]
    centres[moved] = rows[torch.from_numpy(chosen).to(rows.device)]
    total[moved] = total[~small].min()


def nearest_centres(pool: torch.Tensor, centres: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Return the nearest of ``centres`` (K, D) to each row of ``pool`` (N, D), int64 (N,); the inertia."""
    reach, owners, inertia = max(_reach(pool), _reach(centres)), [], 0.0
    points = lift_centres(centres, reach)
    for block in pool.split(BLOCK):
        lifted = lift(block)
        with _exact(lifted.rows) as assignment:
            owner, score = assignment.nearest(points)
        owners.append(owner)
        inertia += _inertia(block, score * lifted.norms * _scale(reach))
    return torch.cat(owners), inertia


def _means(
    assignment: Assignment, norms: torch.Tensor, owner: torch.Tensor, centres: torch.Tensor
) -> torch.Tensor:
    """Return the mean row of each centre; the centre itself where it owns none."""
    _, total = assignment.sums(norms, owner, len(centres))
    counts = torch.bincount(owner, minlength=len(centres))[:, None]
    return torch.where(counts > 0, total[:, :-1] / counts.clamp(min=1), centres)


def _reach(rows: torch.Tensor) -> float:
    return max(block.norm(dim=1).max().item() for block in rows.split(BLOCK))


def _inertia(rows: torch.Tensor, score: torch.Tensor) -> float:
    """Return the sum of |x - c|² = |x|² - 2 (x·c - |c|² / 2), of which ``score`` (n,) is the bracket."""
    return sum(
        (block.square().sum(dim=1).double() - 2 * part).clamp_(min=0).sum().item()
        for block, part in zip(rows.split(BLOCK), score.double().split(BLOCK), strict=True)
    )


@contextmanager
def _exact(rows: torch.Tensor) -> Iterator[Assignment]:
    """Yield the exact product of rows that are looked at once, which candidate lists would not pay for."""
    if rows.is_cuda:
        yield ExactAssignment(rows)
    else:
        with workers() as executor:
            yield ThreadedAssignment(rows, executor)


class ThreadedAssignment(ExactAssignment):
    """Exact assignment whose tiles threads share; the result does not depend on their number."""

    def __init__(self, pool: torch.Tensor, executor: Executor) -> None:
        super().__init__(pool)
        self.map = executor.map

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        tiles = self.pool.split(self._rows(len(centroids)))
        best = list(self.map(lambda tile: (tile @ centroids.T).max(dim=1), tiles))
        return torch.cat([tile.indices for tile in best]), torch.cat([tile.values for tile in best])

    def sums(
        self, weights: torch.Tensor, nearest: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # numba takes half a second to import
        from fact.selection.algorithms.candidate_assignment import sums_by_centroid

        mass, total = sums_by_centroid(
            self.pool.numpy(), weights.numpy(), nearest.numpy(), budget=budget, each=self.map
        )
        return torch.from_numpy(mass), torch.from_numpy(total)
