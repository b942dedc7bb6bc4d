"""BADGE: k-means++ on the gradients that the model would have if its own prediction were right.

Source: Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020. The
gradient of the last layer is the outer product of the residual p - onehot(argmax p) and the features; its
inner products are products of inner products, so that the (K · D)-dimensional gradients are never built.

Every pick compares all images, by probabilities and features that stay in memory as float32: 4 · N · (K + D)
bytes, 7.1 GB for ImageNet and 384 channels. Nothing else of this size is made: products are taken in float64
on blocks of rows.
"""

import numpy as np
from threadpoolctl import threadpool_limits

from fact.selection.algorithms.threads import Each, in_parts, workers
from fact.selection.contract import Selection
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import check_step

BLOCK = 512  # rows that are turned to float64 at once


def select(
    features: np.ndarray, probabilities: Probabilities, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return images drawn with the probability of their squared distance to those drawn before, which is the
    score.

    The first is the one of the largest gradient. Where nothing but copies is left, the lowest rows are taken.
    """
    candidates = check_step(features, probabilities, labelled, budget=budget)
    generator = np.random.default_rng(seed)
    picks: list[int] = []
    scores: list[float] = []
    with threadpool_limits(1, user_api="blas"), workers() as executor:
        gradients = Gradients(features[candidates], gather(probabilities, candidates), executor.map)
        squared = gradients.norms.copy()
        for rank in range(budget):
            pick = int(squared.argmax()) if rank == 0 else _draw(squared, picks, generator)
            picks.append(pick)
            scores.append(squared[pick])
            away = gradients.squared_distances(pick)
            squared = away if rank == 0 else np.minimum(squared, away)
            squared[picks] = 0
    return Selection(candidates[picks].astype(np.int64), np.array(scores, np.float32))


def gather(probabilities: Probabilities, rows: np.ndarray) -> np.ndarray:
    """Return the probabilities (n, K) of ``rows`` (n,), in their own precision, filled block by block."""
    starts = range(0, len(rows), probabilities.block)
    values = np.empty((len(rows), probabilities.classes), probabilities.of_rows(rows[:1]).dtype)
    for start in starts:
        part = slice(start, start + probabilities.block)
        values[part] = probabilities.of_rows(rows[part])
    return values


class Gradients:
    """Gradients (n,) of the last layer: outer products of p - onehot(argmax p) and features."""

    def __init__(self, features: np.ndarray, probabilities: np.ndarray, each: Each) -> None:
        """``features`` (n, D) and ``probabilities`` (n, K); ``each``: the builtin map, or one of threads."""
        self.features = features
        self.probabilities = probabilities
        self.each = each
        self.norms = np.empty(len(features))
        in_parts(each, self._measure, len(features), size=BLOCK)

    def squared_distances(self, row: int) -> np.ndarray:
        """Return the squared distance of each gradient to that of ``row``, float64 (n,)."""
        inner = np.empty(len(self.features))
        point = self.factors(slice(row, row + 1))

        def multiply(part: slice) -> None:
            residuals, vectors = self.factors(part)
            inner[part] = (residuals @ point[0][0]) * (vectors @ point[1][0])

        in_parts(self.each, multiply, len(inner), size=BLOCK)
        return np.maximum(self.norms + self.norms[row] - 2 * inner, 0)

    def factors(self, part: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return residuals (m, K) and features (m, D) of some rows, float64."""
        residuals = self.probabilities[part].astype(np.float64)
        residuals[np.arange(len(residuals)), residuals.argmax(axis=1)] -= 1
        return residuals, self.features[part].astype(np.float64)

    def _measure(self, part: slice) -> None:
        squares = (np.einsum("nk,nk->n", factor, factor) for factor in self.factors(part))
        self.norms[part] = np.prod(list(squares), axis=0)


def _draw(squared: np.ndarray, picks: list[int], generator: np.random.Generator) -> int:
    mass = np.cumsum(squared)
    if mass[-1] == 0:
        return int(np.setdiff1d(np.arange(len(squared)), picks)[0])
    return int(np.searchsorted(mass, generator.random() * mass[-1], side="right"))
