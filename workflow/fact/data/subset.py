"""A seeded subset of a split that keeps its class proportions."""

from collections.abc import Callable, Sequence

import numpy as np

from fact.infra.errors import DataError
from fact.seeds import derive_seed

# (labels of a split, -1 for unknown; its name) -> positions to keep, int64, ascending
Keep = Callable[[Sequence[int], str], np.ndarray]


def choose_subset(labels: Sequence[int], limit: int | None, seed: int, split: str) -> np.ndarray:
    """Return positions (int64, ascending) of at most ``limit`` samples, stratified by class.

    Each class gets its proportional share of ``limit``, rounded by the largest remainder (ties go to the
    lower class), and within it the first samples of a permutation seeded by (``seed``, ``split``, class).
    ``labels`` are class indices in a fixed order, -1 for unknown, which counts as one class. ``None``, or
    a limit of at least ``len(labels)``, keeps everything. Raises DataError for a limit below 1.
    """
    if limit is not None and limit < 1:
        raise DataError(f"{split}_limit: {limit} is below 1; give a positive number, or null for all images")
    values = np.asarray(labels, dtype=np.int64)
    if limit is None or limit >= len(values):
        return np.arange(len(values))
    classes, starts = np.unique(np.sort(values), return_index=True)
    members = np.split(np.argsort(values, kind="stable"), starts[1:])
    shares = proportional_shares(np.array([len(part) for part in members]), limit)
    chosen = [
        np.random.default_rng(derive_seed("subset", seed, split, label)).permutation(part)[:share]
        for label, part, share in zip(classes, members, shares, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def limited(pool_limit: int | None, test_limit: int | None, seed: int) -> Keep:
    """Return rows: of each split what :func:`choose_subset` does."""
    limits = {"pool": pool_limit, "test": test_limit}
    return lambda labels, split: choose_subset(labels, limits[split], seed, split=split)


def proportional_shares(counts: np.ndarray, total: int) -> np.ndarray:
    """Return ``total`` divided in proportion to ``counts`` by the largest-remainder (Hamilton) method."""
    shares, remainders = np.divmod(counts * total, counts.sum())
    largest = np.argsort(-remainders, kind="stable")[: total - shares.sum()]
    shares[largest] += 1
    return shares
