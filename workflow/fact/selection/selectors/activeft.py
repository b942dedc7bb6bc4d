"""ActiveFT: centroids that follow the pool's density and repel each other, then their nearest images.

Source: Xie et al., "Active Finetuning: Exploiting Annotation Budget in the Pretraining-Finetuning
Paradigm", CVPR 2023; the released code (github.com/yichen928/ActiveFT, its full-batch CIFAR variant and
its minibatch ImageNet variant) is followed where it differs from the paper. The objective is described in
``centroids``. Not to be confused with the PyPI package ``activeft``, which is another method.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fact.selection.algorithms.centroids import Objective, pick_by_centroids
from fact.selection.algorithms.draw import Batches, random_rows
from fact.selection.algorithms.open_assignment import CANDIDATES
from fact.selection.algorithms.pool import unit_pool
from fact.selection.contract import Selection, check_positive, check_request

FITTING = ("iterations", "temperature", "balance", "learning_rate")


@dataclass(frozen=True)
class Parameters:
    """The first five are the released code's, with its defaults.

    With a ``batch_size`` below N each iteration attracts by that many random images, as its ImageNet variant
    does (batch_size 100,000, iterations 100), and otherwise by the whole pool. ``candidates``, the length of
    the lists that a large pool on a CPU is searched by (see ``candidate_assignment``), changes the time and
    no pick. ``device`` is auto, cpu or cuda.
    """

    iterations: int = 300
    temperature: float = 0.07
    balance: float = 1.0
    learning_rate: float = 1e-3
    batch_size: int | None = None
    candidates: int = CANDIDATES
    device: str = "auto"


def select(
    features: np.ndarray, budget: int, seed: int, *, labelled: np.ndarray | None = None, **params: Any
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); rank is the centroid's, score its cosine to the pick.

    ``params``: :class:`Parameters`. Each of the ``labelled`` rows is a centroid that stays where it is: it
    repels the others and takes no pick.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled, own = check_request(features, budget, labelled), Parameters(**params)
    step_size = len(features) if own.batch_size is None else own.batch_size
    numbers = {name: getattr(own, name) for name in (*FITTING, "candidates")}
    check_positive("activeft", **numbers, batch_size=step_size)
    batches = None if step_size >= len(features) else Batches(len(features), step_size, seed)
    return pick_by_centroids(
        unit_pool(features, own.device),
        np.concatenate([labelled, random_rows(len(features), budget, seed, labelled=labelled)]),
        labelled,
        objective=Objective(**{name: getattr(own, name) for name in FITTING}),
        candidates=own.candidates,
        batches=batches,
    )
