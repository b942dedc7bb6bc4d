"""Split a small labelled set for cross-validation so that images of one group are never on both sides."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def grouped_folds(labels: ArrayLike, groups: ArrayLike, folds: int, seed: int) -> NDArray[np.int64]:
    """Return the validation fold (n,) of each image; -1 marks images that always train.

    ``labels (n,)``, ``groups (n,)``: integers. Groups are dealt whole, the largest first and equal ones in
    random order, each into the fold where the classes then are most even. As in
    :func:`fact.training.heads.folds.labelled_folds` every class keeps training images in every fold: the
    groups that would take the last ones of a class always train. Where fewer than two groups can be held
    out all are -1.
    """
    classes, number = np.unique(np.asarray(labels), return_inverse=True)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    counts = np.zeros((int(group.max(initial=-1)) + 1, len(classes)))
    np.add.at(counts, (group, number), 1)
    fold_of = _dealt(counts, _free(counts), folds, np.random.default_rng(seed))
    _keep_classes(counts, fold_of)
    held_out = np.unique(fold_of[fold_of >= 0])
    if len(held_out) < 2:
        return np.full(len(group), -1, np.int64)
    # folds that were left empty are no folds
    renumbered = np.where(fold_of < 0, -1, np.searchsorted(held_out, fold_of))
    return renumbered[group].astype(np.int64)


def _free(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return groups without a class that no other group has, of ``counts (groups, classes)``."""
    present = counts > 0
    return np.flatnonzero(~(present & (present.sum(0) == 1)).any(1))


def _dealt(
    counts: NDArray[np.float64], free: NDArray[np.int64], folds: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Return the fold of each group, -1 of those that are not ``free``."""
    fold_of = np.full(len(counts), -1, np.int64)
    shuffled = random.permutation(free)
    order = shuffled[np.argsort(-counts[shuffled].sum(1), kind="stable")]
    sums = np.zeros((min(folds, max(len(free), 1)), counts.shape[1]))
    share = counts.sum(0)
    for group in order:
        fold_of[group] = best = _most_even(sums, counts[group], share)
        sums[best] += counts[group]
    return fold_of


def _most_even(sums: NDArray[np.float64], added: NDArray[np.float64], totals: NDArray[np.float64]) -> int:
    """Return the fold in which ``added (classes,)`` leaves the shares of all classes most even."""
    uneven = []
    for fold in range(len(sums)):
        after = sums.copy()
        after[fold] += added
        uneven.append((round(float((after / np.maximum(totals, 1)).std(0).sum()), 9), sums[fold].sum(), fold))
    return min(uneven)[2]


def _keep_classes(counts: NDArray[np.float64], fold_of: NDArray[np.int64]) -> None:
    """Let the smallest group of a class always train where one fold holds all images of the class."""
    for members in (np.flatnonzero(counts[:, column] > 0) for column in range(counts.shape[1])):
        held_in = set(fold_of[members].tolist())
        if len(held_in) == 1 and held_in != {-1}:
            fold_of[members[counts[members].sum(1).argmin()]] = -1
