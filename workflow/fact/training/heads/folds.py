"""Split a small labelled set for cross-validation, class by class."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fact.training.heads.group_folds import grouped_folds


def labelled_folds(
    labels: ArrayLike, folds: int, seed: int, groups: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Return the validation fold of each of ``labels (n,)``; -1 marks a sample that always trains.

    With ``groups (n,)`` whole groups are held out: :func:`fact.training.heads.group_folds.grouped_folds`.
    Else:

    Stratified: a class's samples are dealt over the folds in turn, from where the previous class
    stopped, so that folds differ by one sample at most and every class keeps a training sample.
    A class with a single sample is never validated (-1). With fewer than ``folds`` samples to deal, there
    are as many folds as samples. If no class has two samples all are -1: cross-validation is
    impossible and the caller takes its stated fallback. The result depends on ``seed``; another seed is
    another repeat. Raises ValueError for ``folds`` below 2.
    """
    labels = np.asarray(labels)
    if folds < 2:
        raise ValueError(f"cross-validation: folds = {folds}; use at least 2")
    if groups is not None:
        return grouped_folds(labels, groups, folds, seed)
    random = np.random.default_rng(seed)
    fold = np.full(len(labels), -1, dtype=np.int64)
    order = [random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    dealt = np.concatenate([members for members in order if len(members) > 1] or [np.empty(0, np.int64)])
    fold[dealt] = np.arange(len(dealt)) % min(folds, max(len(dealt), 1))
    return fold
