"""A small features file for tests."""

from pathlib import Path

import numpy as np
from fact.features.writer import FeatureWriter

ATTRIBUTES = {
    "dataset": "digits",
    "split": "pool",
    "backbone": "vit_digits",
    "weights_sha256": "0" * 64,
    "transform": {"size": 32, "crop": "none"},
    "pooling": "token",
    "code_version": "0123456789abcdef",
    "provenance": {"checkpoint": None, "b": [1, 2]},
}
COUNT, DIM = 23, 8


def arrays() -> dict:
    rng = np.random.default_rng(0)
    return {
        "features": rng.standard_normal((COUNT, DIM)).astype(np.float32),
        "tokens": rng.standard_normal((COUNT, 2, 3, DIM)).astype(np.float16),
        "sample_ids": [f"train/ünïcode {row:03d}.png" for row in range(COUNT)],
        "labels": rng.integers(-1, 5, COUNT),
        "attributes": ATTRIBUTES,
    }


def write_features(
    path: Path, features: np.ndarray, *, tokens: np.ndarray | None = None, **samples: object
) -> None:
    """Publish a features file from features (N, D) and tokens (N, H, W, C) in one batch."""
    with FeatureWriter(path, **samples) as writer:
        writer.append(features, tokens)


def write(path: Path, **changes: object) -> Path:
    write_features(path, **(arrays() | changes))
    return path
