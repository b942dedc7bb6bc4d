"""Each image's most similar centroid, looked for among a short list that is refreshed now and then.

Centroids move little in one step, so an image's next winner is nearly always among its few best
centroids of a moment ago. Every few steps the exact product, in tiles, gives each image its best
``size`` centroids; between these refreshes only they are scored, exactly. At each refresh, the images
whose true winner had left their list are counted, and the refreshes come more often if there were many.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from fact.selection import winners_kernels as kernels
from fact.selection.winners_exact import tile_rows

# fraction of winners missed at a refresh beyond which the interval between refreshes is halved
MISSED_LIMIT = 1e-3


class CandidateWinners:
    """Winners among candidate lists; the result does not depend on how threads are scheduled."""

    def __init__(self, pool: torch.Tensor, size: int, interval: int) -> None:
        """Lists of ``size`` centroids for ``pool`` (N, D) float32 on the CPU, fresh every ``interval`` calls."""
        self.pool = pool.numpy()
        self.size = size
        self.longest = interval
        self.interval = self.age = 1
        self.lists = np.empty((len(pool), 0), np.int32)
        self.missed = 0.0  # the largest fraction of winners missed at a refresh

    def nearest(self, centroids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if self.age >= self.interval:
            winner, cosine = self._refresh(centroids)
        else:
            winner, cosine = self._score(centroids.numpy())
        self.age += 1
        return torch.from_numpy(winner), torch.from_numpy(cosine)

    def sums(
        self, weights: torch.Tensor, winner: torch.Tensor, budget: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        owner = winner.numpy()
        # a stable order within each centroid, and one thread a centroid, fix the order of every sum
        order = np.argsort(owner, kind="stable")
        bounds = np.searchsorted(owner[order], np.arange(budget + 1))
        mass, total = np.empty(budget, np.float32), np.empty((budget, self.pool.shape[1]), np.float32)

        def sum_block(start: int, stop: int) -> None:
            kernels.weighted_sums(self.pool, weights.numpy(), order, bounds, start, stop, mass, total)

        _in_threads(sum_block, budget)
        return torch.from_numpy(mass), torch.from_numpy(total)

    def summary(self) -> str:
        return (
            f"at most {self.missed:.2e} of the winners missed between refreshes, "
            f"the last ones every {self.interval} iterations"
        )

    def _score(self, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        winner, cosine = np.empty(len(self.pool), np.int64), np.empty(len(self.pool), np.float32)

        def score_block(start: int, stop: int) -> None:
            kernels.best_of_lists(self.pool, centroids, self.lists, start, stop, winner, cosine)

        _in_threads(score_block, len(self.pool))
        return winner, cosine

    def _refresh(self, centroids: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        old, cosine = self.lists, np.empty(len(self.pool), np.float32)
        self.lists = np.empty((len(self.pool), min(self.size, len(centroids))), np.int32)
        rows = tile_rows(len(centroids))
        for first in range(0, len(self.pool), rows):
            tile = (torch.from_numpy(self.pool[first : first + rows]) @ centroids.T).numpy()
            part = slice(first, first + len(tile))

            def list_block(start: int, stop: int, tile=tile, part=part) -> None:  # noqa: ANN001
                kernels.list_best(tile, start, stop, self.lists[part], cosine[part])

            _in_threads(list_block, len(tile))
        winner = self.lists[:, 0].astype(np.int64)
        self._note_missed(old, winner)
        self.age = 0
        return winner, cosine

    def _note_missed(self, old: np.ndarray, winner: np.ndarray) -> None:
        if old.shape[1] == 0:
            return
        missed = 1 - float((old == winner[:, None]).any(axis=1).mean())
        self.missed = max(self.missed, missed)
        if missed > MISSED_LIMIT:
            self.interval = max(1, self.interval // 2)
        elif missed < MISSED_LIMIT / 4:
            self.interval = min(self.longest, self.interval * 2)


def _in_threads(work: Callable[[int, int], None], count: int) -> None:
    """``work`` on blocks of ``range(count)``, in as many threads as torch uses; kernels release the GIL."""
    threads = torch.get_num_threads()
    edges = np.linspace(0, count, 4 * threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as executor:
        list(executor.map(work, edges[:-1], edges[1:]))
