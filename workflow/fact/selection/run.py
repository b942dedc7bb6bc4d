"""A selector as the configuration declares it, on a pool from which near-copies may be left out."""

import numpy as np

from fact.infra.errors import ConfigError
from fact.selection.algorithms.near_duplicates import representatives
from fact.selection.contract import Selection, load_selector


def run_selector(
    settings: dict,
    features: np.ndarray,
    budget: int,
    seed: int,
    bought: np.ndarray,
    patterns: np.ndarray | None = None,
) -> Selection:
    """The ``budget`` picks that complement the ``bought`` rows of ``features`` (N, D).

    ``settings``: ``module`` and ``params`` of the selector, and ``near_duplicates``, the cosine from which on
    an image counts as a copy of one before it, if any. ``patterns``
    (N, K, C) go to a selector that asks for them.
    Raises ConfigError as the selector does, and where too few distinct images are left.
    """
    select, threshold = load_selector(settings["module"]).select, settings.get("near_duplicates")
    params = dict(settings["params"])
    if threshold is None:
        params |= {} if patterns is None else {"patterns": patterns}
        return select(features, budget, seed, bought=bought, **params)
    kept = representatives(features, threshold, bought)
    if budget > len(kept) - len(bought):
        raise ConfigError(
            f"near_duplicates {threshold} leaves {len(kept) - len(bought)} of {len(features)} images to buy, "
            f"fewer than the budget of {budget}; raise it, or label fewer"
        )
    params |= {} if patterns is None else {"patterns": patterns[kept]}
    found = select(features[kept], budget, seed, bought=np.searchsorted(kept, bought), **params)
    return Selection(kept[found.indices].astype(np.int64), found.scores)
