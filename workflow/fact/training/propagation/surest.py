"""The images of each class whose propagated label is surest."""

import numpy as np
from numpy.typing import NDArray


def surest_rows(
    labels: NDArray[np.int64], probabilities: NDArray[np.float32], free: NDArray[np.bool_], per_class: int
) -> NDArray[np.int64]:
    """Return rows of the ``per_class`` surest ``free`` images of each class, class by class, surest first.

    ``labels (N,)`` are the likeliest classes and ``probabilities (N,)`` how likely they are. Of equally sure
    images the first is taken; a class has fewer where there are no more.
    """
    rows = np.flatnonzero(free)
    order = rows[np.lexsort((rows, -probabilities[rows], labels[rows]))]
    ordered = labels[order]
    starts = np.searchsorted(ordered, ordered)
    return order[np.arange(len(order)) - starts < per_class]
