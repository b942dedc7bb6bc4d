"""Leave near-copies out of a pool, so that no budget is spent on the same picture twice."""

import numpy as np

from fact.infra.errors import ConfigError
from fact.selection.algorithms.pool import unit_rows

ROWS = 1024


def representatives(features: np.ndarray, threshold: float, labelled: np.ndarray | None = None) -> np.ndarray:
    """Rows of ``features`` (N, D) to select from, int64 ascending: ``labelled`` ones, of near-copies the
    first.

    In pool order, a row is left out when its cosine to a row kept before it, or to a labelled one, is at
    least ``threshold``. Time grows with the square of the pool, memory with the pool.
    Raises ConfigError for a threshold outside (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ConfigError(f"near_duplicates is {threshold}; give a cosine above 0 and up to 1, 0.95 for one")
    pool = unit_rows(features)
    kept = np.zeros(len(pool), bool)
    kept[[] if labelled is None else labelled] = True
    # rounding may leave copies a little below 1
    limit = np.float32(threshold - 1e-6)
    for start in range(0, len(pool), ROWS):
        block = slice(start, start + ROWS)
        near = (pool[block] @ pool[kept].T).max(axis=1, initial=-1) >= limit
        among = pool[block] @ pool[block].T >= limit
        for row in np.flatnonzero(~near & ~kept[block]):
            kept[start + row] = not among[row, :row][kept[start : start + row]].any()
    return np.flatnonzero(kept)
