"""The labelled images as vectors: rows of the pool's features, with their labels."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fact.data.labelled_rows import LABEL_THEM, labelled_ids
from fact.features.store import FeatureSet
from fact.infra.errors import ArtifactError, LabelError
from fact.infra.process.printable import printable
from fact.infra.process.progress import log


def labelled_features(
    pool: FeatureSet, selection: Path, label_of: Mapping[str, int] | None = None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return features (n, D) float32, labels (n,) int64 and ids of the chosen images, in pick order.

    ``label_of``: as in :func:`fact.data.labelled_rows.labelled_rows`. Raises LabelError for an
    image without a label, ArtifactError for one that the features do not hold.
    """
    ids = labelled_ids(selection, label_of)
    chosen = positions(pool, ids, selection)
    labels = pool_labels(pool, label_of)[chosen]
    if (labels < 0).any():
        unknown = ids[int((labels < 0).argmax())]
        raise LabelError(f"{selection}: {unknown} has no label; {LABEL_THEM}")
    return pool.features[chosen], labels, ids


def pool_labels(pool: FeatureSet, label_of: Mapping[str, int] | None) -> np.ndarray:
    """Return class indices of the pool, int64 (N,), -1 unknown: the ``label_of`` ones or its source's."""
    if label_of is None:
        return pool.labels
    return np.array([label_of.get(sample_id, -1) for sample_id in pool.sample_ids], np.int64)


def without_gone(pool: FeatureSet, ids: list[str], path: Path) -> list[str]:
    """Return the ids that the pool still holds; images of people's own come and go, and the log names them.

    Raises ArtifactError where it holds none of them: then it is another pool's list.
    """
    known = set(pool.sample_ids)
    kept = [sample_id for sample_id in ids if sample_id in known]
    if not kept:
        raise ArtifactError(
            f"{path} names {len(ids)} images, and none of them is in the pool; it is another folder's list: "
            "put the right one there"
        )
    for sample_id in ids:
        if sample_id not in known:
            log(f"{printable(sample_id)} was labelled before and is not in the pool any more: passed over")
    return kept


def positions(pool: FeatureSet, ids: list[str], selection: Path) -> np.ndarray:
    """Return the rows of the pool's features for these ids, int64.

    Raises ArtifactError for one that they do not hold.
    """
    row_of = {sample_id: row for row, sample_id in enumerate(pool.sample_ids)}
    missing = [sample_id for sample_id in ids if sample_id not in row_of]
    if missing:
        raise ArtifactError(
            f"{selection} names {missing[0]}, which the pool's features do not hold; select again"
        )
    return np.array([row_of[sample_id] for sample_id in ids], np.int64)
