"""Each image's most similar centroid, looked for among a short list that is refreshed now and then.

Centroids move little in one step, so an image's next winner is nearly always among its few best
centroids of a moment ago. At a refresh, the exact product, in tiles, gives each image its list of best
centroids; until the next refresh only these are scored, exactly. A refresh also counts the images
whose true winner was not in their list: while there are many, refreshes come more often, and else less
often. They start one step apart, as Adam's first steps are its longest.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor

import numpy as np
import torch

from fact.selection import winners_kernels as kernels
from fact.selection.winners import tile_rows

# fraction of images with a missed winner above which the interval between refreshes is halved;
# under a quarter of it, the interval is doubled
MISSED_LIMIT = 1e-3

Each = Callable[..., Iterable]  # the builtin map, or one that works in threads


class CandidateWinners:
    """Winners among candidate lists, on the CPU; the result does not depend on the threads."""

    def __init__(self, pool: torch.Tensor, size: int, longest: int, executor: Executor) -> None:
        """Lists of ``size`` centroids for ``pool`` (N, D) float32, refreshed within ``longest`` calls.

        The threads of ``executor`` share the work; see ``fact.selection.threads.workers``.
        """
        self.pool = pool.numpy()
        self.size = size
        self.longest = longest
        self.map = executor.map
        self.interval = self.age = 1  # calls between refreshes; calls since the last one
        self.lists = np.empty((len(pool), 0), np.int32)
        self.missed = 0.0  # the largest fraction of images with a missed winner, over all refreshes

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if self.age >= self.interval:
            winner, cosine = self._refresh(centroids)
        else:
            winner, cosine = best_listed(self.pool, centroids, self.lists, self.map)
        self.age += 1
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # a fixed order within each centroid, and one thread a centroid, fix the order of every sum
        order, bounds = kernels.group(winner.numpy(), budget)
        mass, total = np.empty(budget, np.float32), np.empty((budget, self.pool.shape[1]), np.float32)
        weight, ends = weights.numpy(), bounds[1:]

        def add(part: slice) -> None:
            kernels.weighted_sums(self.pool, weight, order, bounds[part], ends[part], mass[part], total[part])

        _in_parts(self.map, add, budget, 64)
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return f"winners missed for at most {self.missed:.1e} of the images, last interval {self.interval}"

    def _refresh(self, centroids: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        lists, cosine = best_lists(self.pool, centroids, self.size, self.map)
        if self.lists.shape[1]:
            self._adapt(missed_share(self.lists, lists))
        self.lists, self.age = lists, 0
        return lists[:, 0].astype(np.int64), cosine

    def _adapt(self, missed: float) -> None:
        self.missed = max(self.missed, missed)
        if missed > MISSED_LIMIT:
            self.interval = max(1, self.interval // 2)
        elif missed < MISSED_LIMIT / 4:
            self.interval = min(self.longest, self.interval * 2)


def best_listed(
    pool: np.ndarray, centroids: torch.Tensor, lists: np.ndarray, each: Each
) -> tuple[np.ndarray, np.ndarray]:
    """Of each row's listed ``centroids`` (B, D) the best: its number (n,) int64 and its cosine (n,)."""
    winner, cosine = np.empty(len(pool), np.int64), np.empty(len(pool), np.float32)
    points = centroids.numpy()

    def score(part: slice) -> None:
        kernels.best_of_lists(pool[part], points, lists[part], winner[part], cosine[part])

    _in_parts(each, score, len(pool), 2048)
    return winner, cosine


def best_lists(
    pool: np.ndarray, centroids: torch.Tensor, size: int, each: Each
) -> tuple[np.ndarray, np.ndarray]:
    """The ``size`` best ``centroids`` (B, D) of each row, in order (n, size) int32; the best's cosine."""
    lists = np.empty((len(pool), min(size, len(centroids))), np.int32)
    cosine = np.empty(len(pool), np.float32)

    def search(part: slice) -> None:
        tile = torch.from_numpy(pool[part]) @ centroids.T
        kernels.list_best(tile.numpy(), lists[part], cosine[part])

    _in_parts(each, search, len(pool), tile_rows(len(centroids)))
    return lists, cosine


def missed_share(before: np.ndarray, lists: np.ndarray) -> float:
    """The share of rows whose best centroid, the first of ``lists`` (n, m), is not in ``before`` (n, m)."""
    return 1 - float((before == lists[:, :1]).any(axis=1).mean())


def _in_parts(each: Each, work: Callable[[slice], None], count: int, size: int) -> None:
    """Do ``work`` on slices of ``size`` that cover ``range(count)``."""
    list(each(work, [slice(start, start + size) for start in range(0, count, size)]))
