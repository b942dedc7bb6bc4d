"""Each image's most similar centroid, exactly, looked for in a short list that carries a certificate.

The exact product gives an image its m best centroids with their cosines, and the next best cosine, which
none outside the list exceeds. From then on a cosine grows by no more than its centroid moves, and outside
the list by no more than the fastest centroid moves at each step. So the list is read from its top, only
centroids that can still win are scored, and an image whose best cosine exceeds what any other can have
reached is certain: Hamerly's and Yinyang k-means bound their distances so (Hamerly, SDM 2010; Ding et al.,
ICML 2015). The images that are not certain are refreshed: their rows go through the exact product.
"""

from concurrent.futures import Executor

import numpy as np
import torch

from fact.selection.algorithms import assignment_kernels as kernels
from fact.selection.algorithms.threads import Each, in_parts
from fact.selection.algorithms.tiles import tile_rows

EPSILON = float(np.finfo(np.float32).eps)
NOT_LISTED = 2  # above any cosine, so that an image without a list is refreshed


class CandidateLists:
    """A list for each image, and exact assignment from them; the result does not depend on the threads."""

    def __init__(self, pool: np.ndarray, size: int, executor: Executor) -> None:
        """Lists of ``size`` centroids for the images of ``pool`` (N, D) float32 of unit rows.

        The threads of ``executor`` share the work; see ``fact.selection.algorithms.threads.workers``.
        """
        self.map: Each = executor.map
        self.drift: Drift | None = None
        self.lists = np.zeros((len(pool), size), np.int32)
        # of the listed centroids, and last of all others: a cosine, less the path until it was taken
        self.bounds = np.full((len(pool), size + 1), NOT_LISTED, np.float32)
        self.searched = self.refreshed = 0  # images, over all steps

    def search(
        self, rows: np.ndarray, images: slice | np.ndarray, centroids: torch.Tensor
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the best of unit ``centroids`` (B, D) for ``rows`` (n, D), which are those of ``images``.

        Its number (n,) int64 and its cosine (n,) float32. The next call has the next step's centroids.
        """
        drift = self.drift = self.drift or Drift(centroids)
        drift.follow(centroids)
        nearest, cosine, certain = best_listed(
            rows,
            centroids,
            drift.paths(),
            lists=self.lists[images],
            bounds=self.bounds[images],
            each=self.map,
        )
        due = np.flatnonzero(~certain)
        nearest[due], cosine[due] = self._refresh(rows, due, np.arange(len(self.lists))[images][due], drift)
        self.searched += len(certain)
        return nearest, cosine

    def sort(self, order: np.ndarray) -> None:
        """Reorder the images to those of ``order`` (N,)."""
        self.lists, self.bounds = self.lists[order], self.bounds[order]

    def summary(self) -> str:
        return (
            f"exact assignment, {self.refreshed / max(self.searched, 1):.2%} of the images refreshed a step"
        )

    def _refresh(
        self, rows: np.ndarray, due: np.ndarray, images: np.ndarray, drift: "Drift"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return assignment of the rows that are ``due``, by the exact product.

        Their ``images`` get new lists.
        """
        lists, scores = best_lists(rows, due, drift.last, size=self.lists.shape[1], each=self.map)
        self.lists[images] = lists
        self.bounds[images, :-1] = scores[:, :-1] - drift.each[lists]
        self.bounds[images, -1] = scores[:, -1] - drift.farthest
        self.refreshed += len(due)
        return lists[:, 0], scores[:, 0]


def best_listed(
    pool: np.ndarray,
    centroids: torch.Tensor,
    path: np.ndarray,
    lists: np.ndarray,
    bounds: np.ndarray,
    each: Each,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best of each row's listed ``centroids`` (B, D): its number (n,) int64, its cosine (n,)
    float32, and whether no other can be better (n,) bool.

    ``bounds`` (n, m + 1), of the ``lists`` (n, m) and of all others, are to be raised by ``path`` (B + 1,).
    """
    nearest, cosine = np.empty(len(pool), np.int64), np.empty(len(pool), np.float32)
    certain, points = np.empty(len(pool), np.bool_), centroids.numpy()

    def score(part: slice) -> None:
        result = nearest[part], cosine[part], certain[part]
        kernels.best_of_lists(points, path, pool[part], lists[part], bounds[part], result)

    in_parts(each, score, len(pool), size=2048)
    return nearest, cosine, certain


def best_lists(
    pool: np.ndarray, rows: np.ndarray, centroids: torch.Tensor, size: int, each: Each
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``size`` best ``centroids`` (B, D) of each of the ``rows`` (n,) of ``pool``, best first.

    Gives their numbers (n, size) int32 and cosines (n, size + 1) float32, of which the last is the next best.
    """
    lists = np.empty((len(rows), size), np.int32)
    scores = np.empty((len(rows), size + 1), np.float32)

    def search(part: slice) -> None:
        tile = torch.from_numpy(pool[rows[part]]) @ centroids.T
        kernels.list_best(tile.numpy(), lists[part], scores[part])

    in_parts(each, search, len(rows), size=tile_rows(len(centroids)))
    return lists, scores


class Drift:
    """The length of each centroid's path, and of one as fast as the fastest at every step.

    Between two steps the cosine of a centroid with a unit row grows by no more than its path does.
    """

    def __init__(self, centroids: torch.Tensor) -> None:
        """The paths start at unit ``centroids`` (B, D) float32."""
        self.last = centroids
        self.each = np.zeros(len(centroids))
        self.farthest = 0.0
        # in float32 the product of two unit rows, and the length of a move, are this near to the truth
        self.rounding = (centroids.shape[1] + 8) * EPSILON

    def follow(self, centroids: torch.Tensor) -> None:
        """Take the next step of the optimisation: unit ``centroids`` (B, D)."""
        moved = (centroids - self.last).norm(dim=1).numpy().astype(np.float64) * (1 + self.rounding)
        self.each += moved
        self.farthest += moved.max()
        self.last = centroids

    def paths(self) -> np.ndarray:
        """Return what a cosine of each centroid, and of any, can have grown by: (B + 1,) float32.

        Rounding is included. Three products meet in a comparison (a cosine then, its value now, the best one
        now), and two paths, of which all but differences cancels out.
        """
        slack = 3 * self.rounding + 4 * EPSILON * (1 + self.farthest)
        return (np.append(self.each, self.farthest) + slack).astype(np.float32)
