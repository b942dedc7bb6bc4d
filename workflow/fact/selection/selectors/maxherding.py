"""MaxHerding: greedy generalised coverage with a Gaussian kernel.

Source: Bae, Noh & Sutherland, "Generalized Coverage for More Robust Low-Budget Active Learning", ECCV 2024,
Algorithm 1, with k(x, y) = exp(-|x - y|^2 / sigma^2) on L2-normalised features and sigma = 1, as in the
released code (github.com/BorealisAI/uherding), which also looks at 35,000 random images of a larger pool.
"""

from functools import partial

import numpy as np
import torch

from fact.selection.algorithms.coverage import greedy_cover
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_pool
from fact.selection.contract import Selection, check_positive, check_request


def select(
    features: np.ndarray,
    budget: int,
    seed: int,
    *,
    sigma: float = 1.0,
    subset: int | None = 35_000,
    device: str = "auto",
    labelled: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); the score is the mean cover over the pool that it adds.

    ``labelled`` rows cover the pool from the start. A larger pool than ``subset`` is represented by so many
    random rows, by no fewer than the budget, and by those labelled; None takes it whole. Time grows with the
    square of what is taken, memory does not. ``device`` is auto, cpu or cuda.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    check_positive("maxherding", sigma=sigma, subset=1 if subset is None else subset)
    size = len(features) if subset is None else max(subset, budget)
    rows = np.sort(np.concatenate([labelled, random_rows(len(features), size, seed, labelled=labelled)]))
    pool = unit_pool(features[rows], device)
    picks, gains = greedy_cover(
        pool, partial(gaussian, sigma), budget, labelled=np.searchsorted(rows, labelled)
    )
    return Selection(rows[picks], gains.astype(np.float32))


def gaussian(sigma: float, cosine: torch.Tensor) -> torch.Tensor:
    """Return exp(-|x - y|^2 / sigma^2) of unit vectors with this ``cosine``, in its memory."""
    return cosine.sub_(1).mul_(2 / sigma**2).clamp_(max=0).exp_()
