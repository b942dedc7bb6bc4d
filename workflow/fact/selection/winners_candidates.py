"""Each image's most similar centroid, looked for among a short list that is refreshed now and then.

Centroids move little in one step, so an image's next winner is nearly always among its few best
centroids of a moment ago. At a refresh, the exact product, in tiles, gives each image its list of best
centroids; until the next refresh only these are scored, exactly. A refresh also counts the images
whose true winner was not in their list: while there are many, refreshes come more often, and else less
often. They start one step apart, as Adam's first steps are its longest.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch

from fact.selection import winners_kernels as kernels
from fact.selection.winners import tile_rows

# fraction of images with a missed winner above which the interval between refreshes is halved;
# under a quarter of it, the interval is doubled
MISSED_LIMIT = 1e-3


class CandidateWinners:
    """Winners among candidate lists, on the CPU; the result does not depend on the threads."""

    def __init__(self, pool: torch.Tensor, size: int, longest: int) -> None:
        """Lists of ``size`` centroids for ``pool`` (N, D) float32, refreshed within ``longest`` calls."""
        self.pool = pool.numpy()
        self.size = size
        self.longest = longest
        self.interval = self.age = 1  # calls between refreshes; calls since the last one
        self.lists = np.empty((len(pool), 0), np.int32)
        self.missed = 0.0  # the largest fraction of images with a missed winner, over all refreshes

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        winner, cosine = np.empty(len(self.pool), np.int64), np.empty(len(self.pool), np.float32)
        if self.age >= self.interval:
            self._refresh(centroids, winner, cosine)
        else:
            score = partial(kernels.best_of_lists, self.pool, centroids.numpy(), self.lists, winner, cosine)
            _in_threads(score, len(self.pool))
        self.age += 1
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # a fixed order within each centroid, and one thread a centroid, fix the order of every sum
        order, bounds = kernels.group(winner.numpy(), budget)
        mass, total = np.empty(budget, np.float32), np.empty((budget, self.pool.shape[1]), np.float32)
        _in_threads(
            partial(kernels.weighted_sums, self.pool, weights.numpy(), order, bounds, mass, total), budget
        )
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return f"winners missed for at most {self.missed:.1e} of the images, last interval {self.interval}"

    def _refresh(self, centroids: torch.Tensor, winner: np.ndarray, cosine: np.ndarray) -> None:
        lists = np.empty((len(self.pool), min(self.size, len(centroids))), np.int32)
        rows = tile_rows(len(centroids))
        for start in range(0, len(self.pool), rows):
            part = slice(start, start + rows)
            tile = (torch.from_numpy(self.pool[part]) @ centroids.T).numpy()
            _in_threads(partial(kernels.list_best, tile, lists[part], cosine[part]), len(tile))
        winner[:] = lists[:, 0]
        if self.lists.shape[1]:
            self._adapt(1 - float((self.lists == lists[:, :1]).any(axis=1).mean()))
        self.lists, self.age = lists, 0

    def _adapt(self, missed: float) -> None:
        self.missed = max(self.missed, missed)
        if missed > MISSED_LIMIT:
            self.interval = max(1, self.interval // 2)
        elif missed < MISSED_LIMIT / 4:
            self.interval = min(self.longest, self.interval * 2)


def _in_threads(work: Callable[[int, int], None], count: int) -> None:
    """Do ``work(start, stop)`` on blocks of ``range(count)``, in as many threads as torch uses."""
    threads = torch.get_num_threads()
    if threads == 1:
        return work(0, count)
    edges = np.linspace(0, count, 4 * threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as executor:
        list(executor.map(work, edges[:-1], edges[1:]))
