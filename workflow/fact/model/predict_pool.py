"""A model over rows of a manifest: probabilities, and what it is least sure of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fact.data.image_reader import ImageReader, read_reading
from fact.model.loaded import BATCH, Model

if TYPE_CHECKING:
    import pandas as pd


def probabilities_of(
    model: Model, rows: "pd.DataFrame", source: dict, settings: dict, workers: int, label: str
) -> np.ndarray:
    """Return calibrated probabilities (N, K) of the rows' images, read through their source."""
    return look_at(model, rows, source, settings, workers=workers, label=label, keep=[])[0]


def look_at(
    model: Model,
    rows: "pd.DataFrame",
    source: dict,
    settings: dict,
    *,
    workers: int,
    label: str,
    keep: Sequence[int] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities (N, K) of the rows' images, and pooled vectors (m, D) of positions ``keep``."""
    reading = read_reading(settings["reading"]).as_cut(settings["transform"])
    reader = ImageReader(source, reading, model.input, workers=workers)
    kept, done = np.isin(np.arange(len(rows)), keep), 0
    probabilities, vectors = [np.empty((0, len(model.classes)), np.float32)], []
    for batch in reader.batches(rows, BATCH, label):
        found, pooled = model.look(batch)
        probabilities.append(found)
        vectors.append(pooled[kept[done : done + len(batch)]])
        done += len(batch)
    return np.concatenate(probabilities), np.concatenate(vectors or [np.empty((0, 1), np.float32)])


def least_sure(probabilities: np.ndarray, count: int) -> tuple[np.ndarray, list[float]]:
    """Return rows with the smallest margin between the two likeliest classes, and 1 - margin of each."""
    ordered = np.sort(probabilities.astype(np.float64), axis=1)
    scores = 1 - (ordered[:, -1] - ordered[:, -2])
    rows = np.argsort(-scores, kind="stable")[:count]
    return rows, [float(score) for score in scores[rows]]
