"""What every second step promises: features, a model's probabilities and what is labelled in, more picks out.

A second step is a module of this package with a function

    select(features, probabilities, labelled, budget, seed, **params) -> Selection

where ``probabilities``, :class:`fact.selection.probabilities.Probabilities`, are those of a model trained on
the labels of the ``labelled`` rows and on no other label. They are read by blocks of rows. ``budget`` is what
is left to buy. A module whose ``select`` has a parameter ``pool_labels``
can be told the labels of the whole pool; its selections then used more labels than the budget.
"""

import importlib
from types import ModuleType

import numpy as np

from fact.infra.errors import ConfigError
from fact.selection.contract import Selection, check_request
from fact.selection.probabilities import Probabilities


def check_step(
    features: np.ndarray, probabilities: Probabilities, labelled: np.ndarray, budget: int
) -> np.ndarray:
    """Return the rows that are left to buy, int64 ascending.

    Raises ConfigError for features or a budget that selectors refuse, and for probabilities of another pool.
    """
    rows = check_request(features, budget, labelled)
    if probabilities.images != len(features):
        raise ConfigError(
            f"probabilities of {probabilities.images} images for {len(features)}; "
            "delete the probe and run again"
        )
    return np.setdiff1d(np.arange(len(features)), rows)


def largest_first(candidates: np.ndarray, scores: np.ndarray, budget: int) -> Selection:
    """Return the ``budget`` candidates of the largest scores (one a candidate).

    Of equal ones the lowest row.
    """
    order = np.argsort(-scores, kind="stable")[:budget]
    return Selection(candidates[order].astype(np.int64), scores[order].astype(np.float32))


def load_second_step(name: str) -> ModuleType:
    """Return the module of a second step. Raises ConfigError for a name without one."""
    try:
        module = importlib.import_module(f"fact.selection.second_steps.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"there is no second step '{name}'; see workflow/fact/selection/second_steps"
        ) from error
    return module
