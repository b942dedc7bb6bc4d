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

    ``groups (N,)``: numbers from 0 on. No group gets a second image before every group with an image left has
    one, images labelled before counted, and so on. In each such turn the selector runs on the groups whose
    turn it is, with what it chose taken as labelled; of several picks of a group the best rank stays, and it
    runs again for the rest. Raises ConfigError where the pool has too few images.
    """
    if budget > len(groups) - len(labelled):
        raise ConfigError(
            f"budget {budget} exceeds the {len(groups) - len(labelled)} images of the pool without a label; "
            "ask for fewer"
        )
    rows, scores = np.array([], np.int64), np.array([], np.float32)
    while len(rows) < budget:
        done = np.concatenate([labelled, rows]).astype(np.int64)
        open_rows = whose_turn(groups, done)
        kept = np.union1d(open_rows, done)
        turns = len(np.unique(groups[open_rows]))
        picks = run_selector(
            settings,
            features[kept],
            min(budget - len(rows), turns),
            seed=seed,
            labelled=np.searchsorted(kept, done),
            patterns=None if patterns is None else patterns[kept],
        )
        found = kept[picks.indices]
        taken = np.sort(np.unique(groups[found], return_index=True)[1])
        rows, scores = np.append(rows, found[taken]), np.append(scores, picks.scores[taken])
    return Selection(rows.astype(np.int64), scores.astype(np.float32))


def whose_turn(groups: NDArray[np.int64], done: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows without a label of the groups that have the fewest labelled rows ``done``.

    Groups without a row left are passed over.
    """
    free = np.setdiff1d(np.arange(len(groups)), done)
    counts = np.bincount(groups[done], minlength=int(groups.max()) + 1)[groups[free]]
    return free[counts == counts.min()]
