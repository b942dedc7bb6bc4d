"""Run a selector so that its picks are spread over groups of images, such as frames of one video."""

import numpy as np
from numpy.typing import NDArray

from fact.infra.errors import ConfigError
from fact.selection.contract import Selection
from fact.selection.run import run_selector
from fact.selection.settings import SelectorSettings


def run_over_groups(
    settings: SelectorSettings,
    features: np.ndarray,
    budget: int,
    seed: int,
    labelled: np.ndarray,
    groups: NDArray[np.int64],
    *,
    patterns: np.ndarray | None = None,
) -> Selection:
    """Return ``budget`` picks as :func:`fact.selection.run.run_selector` does, spread evenly over ``groups``.

    ``groups (N,)``: numbers from 0 on. No group gets more than :func:`even_share`, images labelled before
    counted. The selector runs again on the groups that have room, with what it chose taken as labelled,
    until the budget is spent: picks of a group that is full are left out, the best ranks stay.
    """
    room = even_share(groups, labelled, budget) - np.bincount(groups[labelled], minlength=groups.max() + 1)
    rows, scores = np.array([], np.int64), np.array([], np.float32)
    while len(rows) < budget:
        done = np.concatenate([labelled, rows]).astype(np.int64)
        open_rows = np.setdiff1d(np.flatnonzero(room[groups] > 0), done)
        kept = np.union1d(open_rows, done)
        asked = min(budget - len(rows), len(open_rows))
        picks = run_selector(
            settings,
            features[kept],
            asked,
            seed=seed,
            labelled=np.searchsorted(kept, done),
            patterns=None if patterns is None else patterns[kept],
        )
        found = kept[picks.indices]
        taken = _within(room, groups[found])
        np.subtract.at(room, groups[found[taken]], 1)
        rows, scores = np.append(rows, found[taken]), np.append(scores, picks.scores[taken])
    return Selection(rows.astype(np.int64), scores.astype(np.float32))


def even_share(groups: NDArray[np.int64], labelled: NDArray[np.int64], budget: int) -> int:
    """Return the smallest number of images per group, labelled ones counted, that spends the budget.

    Raises ConfigError where the pool has too few images.
    """
    sizes = np.bincount(groups)
    before = np.bincount(groups[labelled], minlength=len(sizes))
    for share in range(1, int(sizes.max()) + 1):
        if np.maximum(np.minimum(sizes, share) - before, 0).sum() >= budget:
            return share
    raise ConfigError(
        f"budget {budget} exceeds the {len(groups) - len(labelled)} images of the pool without a label; "
        "ask for fewer"
    )


def _within(room: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which picks (k,) of these groups, the best first, there is room for."""
    left, taken = room.copy(), np.zeros(len(groups), bool)
    for rank, group in enumerate(groups):
        taken[rank] = left[group] > 0
        left[group] -= 1
    return taken
