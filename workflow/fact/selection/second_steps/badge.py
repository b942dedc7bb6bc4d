"""BADGE: k-means++ on the gradients that the model would have if its own prediction were right.

Source: Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", ICLR 2020. The
gradient of the last layer is the outer product of the residual p - onehot(argmax p) and the features; its
inner products are products of inner products, so that the (K · D)-dimensional gradients are never built.
"""

import numpy as np

from fact.selection.contract import Selection
from fact.selection.second_step_contract import check_step


def select(
    features: np.ndarray, probabilities: np.ndarray, labelled: np.ndarray, budget: int, seed: int
) -> Selection:
    """Return images drawn with the probability of their squared distance to those drawn before, which is the
    score.

    The first is the one of the largest gradient. Where nothing but copies is left, the lowest rows are taken.
    """
    candidates = check_step(features, probabilities, labelled, budget=budget)
    vectors = features[candidates].astype(np.float64)
    residuals = probabilities[candidates].astype(np.float64)
    residuals[np.arange(len(residuals)), residuals.argmax(axis=1)] -= 1
    norms = (residuals**2).sum(axis=1) * (vectors**2).sum(axis=1)
    generator = np.random.default_rng(seed)
    picks: list[int] = []
    scores: list[float] = []
    squared = norms.copy()
    for rank in range(budget):
        pick = int(squared.argmax()) if rank == 0 else _draw(squared, picks, generator)
        picks.append(pick)
        scores.append(squared[pick])
        inner = (residuals @ residuals[pick]) * (vectors @ vectors[pick])
        away = np.maximum(norms + norms[pick] - 2 * inner, 0)
        squared = away if rank == 0 else np.minimum(squared, away)
        squared[picks] = 0
    return Selection(candidates[picks].astype(np.int64), np.array(scores, np.float32))


def _draw(squared: np.ndarray, picks: list[int], generator: np.random.Generator) -> int:
    mass = np.cumsum(squared)
    if mass[-1] == 0:
        return int(np.setdiff1d(np.arange(len(squared)), picks)[0])
    return int(np.searchsorted(mass, generator.random() * mass[-1], side="right"))
