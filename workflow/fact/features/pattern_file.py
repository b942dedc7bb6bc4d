"""Read the file of semantic patterns, the tokens of a features file of the pool, one row per image."""

from pathlib import Path

import numpy as np

from fact.features.store import FeatureSet, read_features
from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import REMEDY

KIND = "patterns"


def read_patterns(path: Path | str, pool: FeatureSet) -> np.ndarray:
    """Return patterns (N, K, C) of the images of ``pool``, in its order, in the stored dtype.

    Raises FileNotFoundError, and ArtifactError for a damaged file or one of other images.
    """
    stored = read_features(path, expect={"backbone": pool.attributes["backbone"], "split": "pool"})
    if stored.tokens is None or stored.tokens.shape[1] != 1:
        raise ArtifactError(f"{path} holds no patterns; {REMEDY}")
    if stored.sample_ids != pool.sample_ids:
        raise ArtifactError(f"{path} is of other images than the pool's features; {REMEDY}")
    return stored.tokens[:, 0]
