"""Run a selector as the configuration declares it, on a pool from which near-copies may be left out."""

import numpy as np

from fact.infra.errors import ConfigError
from fact.selection.algorithms.near_duplicates import representatives
from fact.selection.contract import Selection, load_selector
from fact.selection.settings import SelectorSettings


def run_selector(
    settings: SelectorSettings,
    features: np.ndarray,
    budget: int,
    seed: int,
    labelled: np.ndarray,
    *,
    patterns: np.ndarray | None = None,
) -> Selection:
    """Return the ``budget`` picks that complement the ``labelled`` rows of ``features`` (N, D).

    ``patterns`` (N, K, C) go to a selector that asks for them.
    Raises ConfigError as the selector does, and where too few distinct images are left.
    """
    select, threshold = load_selector(settings.module).select, settings.near_duplicates
    params = dict(settings.params)
    if threshold is None:
        params |= {} if patterns is None else {"patterns": patterns}
        return select(features, budget, seed, labelled=labelled, **params)
    kept = representatives(features, threshold, labelled)
    if budget > len(kept) - len(labelled):
        raise ConfigError(
            f"near_duplicates {threshold} leaves {len(kept) - len(labelled)} of {len(features)} images to "
            f"choose from, fewer than the budget of {budget}; raise it, or label fewer"
        )
    params |= {} if patterns is None else {"patterns": patterns[kept]}
    picks = select(features[kept], budget, seed, labelled=np.searchsorted(kept, labelled), **params)
    return Selection(kept[picks.indices].astype(np.int64), picks.scores)
