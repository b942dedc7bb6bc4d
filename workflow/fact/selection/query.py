"""Selectors behind the interface of scikit-activeml: ``query(X, y, candidates, batch_size, …)``.

The interface is that of its pool-based query strategies (github.com/scikit-activeml), asked round by
round. A one-shot selector answers any round, and complements what has a label.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from fact.infra.errors import ConfigError
from fact.selection.in_memory import select


class SelectorQuery(BaseEstimator):
    """A selector of ``config/selectors.yaml`` as a query strategy; labels themselves are never looked at.

    ``selector``: its name. ``params``: replaces parameters of it. ``random_state``: the seed.
    ``missing_label``: what stands in ``y`` for an image without a label.
    """

    def __init__(
        self,
        selector: str = "activeft",
        params: dict[str, Any] | None = None,
        random_state: int = 0,
        missing_label: object = np.nan,
    ) -> None:
        self.selector = selector
        self.params = params
        self.random_state = random_state
        self.missing_label = missing_label

    def query(
        self,
        X: ArrayLike,
        y: ArrayLike,
        candidates: ArrayLike | None = None,
        batch_size: int = 1,
        return_utilities: bool = False,
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return ``batch_size`` rows of ``X (N, D)`` to label next, int64, the best first.

        ``y (N,)`` holds labels, and ``missing_label`` where there is none. ``candidates``: rows that may be
        chosen, all without a label where it is None. With ``return_utilities`` also (batch_size, N): 1 for
        the row that is chosen in a step, 0 for others that could be, NaN for the rest; a one-shot selector
        ranks no row that it does not pick. Raises ConfigError as :func:`fact.select` does.
        """
        features = np.asarray(X, dtype=np.float32)
        labelled = np.flatnonzero(~self._is_missing(y))
        free = _rows(candidates, len(features))
        free = np.setdiff1d(free, labelled)
        kept = np.union1d(free, labelled)
        picks = select(
            features[kept],
            batch_size,
            self.selector,
            seed=self.random_state,
            labelled=np.searchsorted(kept, labelled),
            **(self.params or {}),
        )
        chosen = kept[picks.indices].astype(np.int64)
        return (chosen, _utilities(chosen, free, len(features))) if return_utilities else chosen

    def _is_missing(self, y: ArrayLike) -> NDArray[np.bool_]:
        values = np.asarray(y)
        if isinstance(self.missing_label, float) and np.isnan(self.missing_label):
            return np.array([isinstance(value, float) and np.isnan(value) for value in values.tolist()], bool)
        return np.array([value == self.missing_label for value in values.tolist()], bool)


def _rows(candidates: ArrayLike | None, count: int) -> NDArray[np.int64]:
    if candidates is None:
        return np.arange(count)
    rows = np.asarray(candidates)
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise ConfigError(f"candidates have shape {rows.shape}; give rows of X, not features of other images")
    return np.unique(rows).astype(np.int64)


def _utilities(chosen: NDArray[np.int64], free: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    utilities = np.full((len(chosen), count), np.nan)
    for step, row in enumerate(chosen):
        utilities[step, np.setdiff1d(free, chosen[:step])] = 0.0
        utilities[step, row] = 1.0
    return utilities
