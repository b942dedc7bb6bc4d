"""The pool's part in phase 3 of a model, from the files that a job has of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.backbones.spec import BackboneSpec
from fact.data.grouping import names_of_groups
from fact.data.labels_file import read_labels
from fact.data.manifest import read_manifest
from fact.features.decoded import DecodedImages
from fact.features.labelled import positions
from fact.features.store import read_features
from fact.infra.fields import Settings
from fact.model.pool_part import PoolPart
from fact.model.pool_rows import drawn_unlabelled
from fact.training.propagation.propagate import read_propagation

if TYPE_CHECKING:
    import pandas as pd


def read_pool_part(
    files: Mapping[str, str], settings: Settings, spec: BackboneSpec, *, frozen: bool
) -> PoolPart | None:
    """Return the unlabelled images that phase 3 looks at: decoded, or for a ``frozen`` backbone as features.

    ``settings``: those of a validation or a training, ``pool`` and ``transform`` among them. None where the
    pool has no part, or no unlabelled image is left. Raises ArtifactError for files of other images.
    """
    asked = settings["pool"]
    if asked is None:
        return None
    labelled = read_labels(Path(files["labels"][0]))
    rows = drawn_unlabelled(read_manifest(Path(files["manifest"])), labelled, asked["images"])
    if rows.empty:
        return None
    propagation = read_propagation(asked["propagation"])
    groups = names_of_groups(list(rows["sample_id"]), files["groups"])
    if frozen:
        return PoolPart(propagation, vectors=_frozen(Path(files["pool"]), rows), groups=groups)
    decoded = DecodedImages(Path(files["pool_images"]), rows, spec, settings["transform"])
    return PoolPart(propagation, images=np.array(decoded.images), groups=groups)


def _frozen(path: Path, rows: "pd.DataFrame") -> np.ndarray:
    pool = read_features(path, expect={"split": "pool"}, tokens=False)
    return pool.features[positions(pool, list(rows["sample_id"]), path)]
