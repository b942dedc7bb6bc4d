"""Random rows of the pool, once or batch by batch."""

import numpy as np


def random_rows(size: int, count: int, seed: int, labelled: np.ndarray) -> np.ndarray:
    """``count`` of ``range(size)`` but ``labelled``, drawn without replacement: (count,) int64.

    With one seed, a smaller count's rows are the first ones of a larger one.
    """
    order = np.random.default_rng(seed).permutation(size)
    return order[~np.isin(order, labelled)][:count]


class Batches:
    """Random batches of ``size`` of ``range(total)``, each without replacement and in ascending order."""

    def __init__(self, total: int, size: int, seed: int) -> None:
        self.total = total
        self.size = size
        self.generator = np.random.default_rng([seed, 1])  # apart from the draws of ``random_rows``

    def draw(self) -> np.ndarray:
        """The next batch, (size,) int64."""
        return np.sort(self.generator.choice(self.total, self.size, replace=False, shuffle=False))
