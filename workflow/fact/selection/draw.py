"""Random rows of the pool."""

import numpy as np


def random_rows(size: int, count: int, seed: int, bought: np.ndarray) -> np.ndarray:
    """``count`` of ``range(size)`` but ``bought``, drawn without replacement: (count,) int64.

    With one seed, a smaller count's rows are the first ones of a larger one.
    """
    order = np.random.default_rng(seed).permutation(size)
    return order[~np.isin(order, bought)][:count]
