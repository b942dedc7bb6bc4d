"""Patterns as a file: the tokens of a features file of the pool, one row of them an image."""

from pathlib import Path

import numpy as np

from fact.features.store import FeatureSet, read_features
from fact.infra.files.checksum import REMEDY


def read_patterns(path: Path | str, pool: FeatureSet) -> np.ndarray:
    """Patterns (N, K, C) of the images of ``pool``, in its order, in the stored dtype.

    Raises FileNotFoundError, and ValueError for a damaged file or one of other images.
    """
    stored = read_features(path, expect={"backbone": pool.attributes["backbone"], "split": "pool"})
    if stored.tokens is None or stored.tokens.shape[1] != 1:
        raise ValueError(f"{path} holds no patterns; {REMEDY}")
    if stored.sample_ids != pool.sample_ids:
        raise ValueError(f"{path} is of other images than the pool's features; {REMEDY}")
    return stored.tokens[:, 0]
