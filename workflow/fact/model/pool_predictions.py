"""What a model says of each unlabelled image of the pool, as a file: ``sample_id, label, probability``."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fact.infra.files.parquet import publish_parquet, read_parquet


class PoolPredictions(NamedTuple):
    """Of N images: ids, the likeliest class by name, and its calibrated probability (N,) float32."""

    sample_ids: list[str]
    labels: list[str]
    probabilities: np.ndarray


def write_pool_predictions(
    path: Path, sample_ids: Sequence[str], probabilities: np.ndarray, classes: Sequence[str]
) -> None:
    """Publish the likeliest class of each image; ``probabilities`` are (N, K)."""
    import pyarrow as pa

    labels = [classes[index] for index in probabilities.argmax(1)] if len(sample_ids) else []
    columns = {
        "sample_id": pa.array(list(sample_ids), pa.string()),
        "label": pa.array(labels, pa.string()),
        "probability": pa.array(probabilities.max(1).astype(np.float32) if labels else [], pa.float32()),
    }
    publish_parquet(path, pa.table(columns))


def read_pool_predictions(path: Path) -> PoolPredictions:
    """Return the predictions. Raises FileNotFoundError, and ArtifactError for a damaged file."""
    table = read_parquet(path)
    sample_ids, labels = (table[name].to_pylist() for name in ("sample_id", "label"))
    return PoolPredictions(sample_ids, labels, table["probability"].to_numpy())
