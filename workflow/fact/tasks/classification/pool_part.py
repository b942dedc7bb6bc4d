"""The part of a large pool that phase 3 looks at: the labelled images, and others drawn at random."""

from collections.abc import Collection

import numpy as np
import pandas as pd


def drawn_part(rows: pd.DataFrame, labelled: Collection[str], limit: int | None, seed: int) -> pd.DataFrame:
    """Return manifest rows of the ``labelled`` images and of at most ``limit`` others, in the pool's order.

    ``limit`` None takes all. The others are the first of a permutation by ``seed``, so that a larger limit
    keeps them and adds to them.
    """
    if limit is None:
        return rows
    others = np.flatnonzero(~rows["sample_id"].isin(labelled).to_numpy())
    drawn = np.random.default_rng(seed).permutation(others)[:limit]
    keep = np.ones(len(rows), dtype=bool)
    keep[others] = False
    keep[drawn] = True
    return rows[keep].reset_index(drop=True)
