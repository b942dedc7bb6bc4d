"""The labelled images: the rows of the pool whose labels the budget has bought."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.selection.listing import chosen_rows, read_selection
from fact.store import FeatureSet

if TYPE_CHECKING:
    import pandas as pd


def labelled_rows(manifest: "pd.DataFrame", selection: Path) -> "pd.DataFrame":
    """Manifest rows of a selection, in pick order.

    Raises ValueError when one is not in the pool or has no label.
    """
    rows = chosen_rows(manifest, read_selection(selection), selection)
    outside = rows["sample_id"][rows["split"] != "pool"]
    if len(outside):
        raise ValueError(f"{selection} names {outside.iloc[0]}, which is not in the pool; select again")
    unlabelled = rows["sample_id"][rows["label"].isna()]
    if len(unlabelled):
        raise ValueError(
            f"{selection}: {len(unlabelled)} of {len(rows)} chosen images have no label, "
            f"{unlabelled.iloc[0]} for one; "
            f"label them (put them into train/<class>/) and run again"
        )
    return rows


def labelled_features(pool: FeatureSet, selection: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Features (n, D) float32, labels (n,) int64 and ids of the chosen images, in pick order."""
    ids = read_selection(selection)
    chosen = positions(pool, ids, selection)
    labels = pool.labels[chosen]
    if (labels < 0).any():
        unknown = ids[int((labels < 0).argmax())]
        raise ValueError(f"{selection}: {unknown} has no label; label the chosen images and run again")
    return pool.features[chosen], labels, ids


def positions(pool: FeatureSet, ids: list[str], selection: Path) -> np.ndarray:
    """Rows of the pool's features for these ids, int64. Raises ValueError for one that they do not hold."""
    row_of = {sample_id: row for row, sample_id in enumerate(pool.sample_ids)}
    missing = [sample_id for sample_id in ids if sample_id not in row_of]
    if missing:
        raise ValueError(
            f"{selection} names {missing[0]}, which the pool's features do not hold; select again"
        )
    return np.array([row_of[sample_id] for sample_id in ids], np.int64)


def check_test(labels: np.ndarray, origin: str) -> None:
    """Raise ValueError when there is nothing to measure accuracy on."""
    if len(labels) == 0 or (labels < 0).any():
        raise ValueError(
            f"{origin}: the test split is empty or unlabelled, so that accuracy cannot be measured"
        )
