"""Read the images of manifest rows into arrays, in one way for all stages of the workflow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from fact.data.contract import image_reader, load_source
from fact.data.images import (
    Picture,
    Prepared,
    Resize,
    picture,
    read_resized,
    stream_prepared,
    stream_resized,
)
from fact.infra.errors import DataError
from fact.infra.fields import Settings, read_fields
from fact.infra.process.progress import track

NO_TEST = ", which scores need; give some (docs/own_images.md), or ask for the targets select and model alone"


class Sized(Protocol):
    """What a reader must know of a backbone: the side of its images, and how they are resized."""

    @property
    def image_size(self) -> int:
        """Pixels of a side."""

    @property
    def interpolation(self) -> str:
        """Name of the filter."""


@dataclass(frozen=True)
class Reading:
    """How images become arrays: the module of their source, the geometry, the source's configured options."""

    source: str
    transform: str
    options: Settings

    def as_cut(self, transform: str) -> "Reading":
        """Return the same reading with another geometry."""
        return replace(self, transform=transform)


def read_reading(settings: Settings) -> Reading:
    """Return the reading of plain settings. Raises ConfigError naming a missing key."""
    return read_fields(Reading, settings, "reading")


class ImageReader:
    """The images of one source, resized for one backbone.

    ``source``: the content of source.json. ``spec``: the backbone's.
    """

    def __init__(self, source: Settings, reading: Reading, spec: Sized, workers: int) -> None:
        root = Path(source["root"]) if source["root"] else None
        self.open = image_reader(load_source(reading.source), root, reading.options)
        self.resize = Resize(spec.image_size, spec.interpolation, reading.transform)
        self.workers = workers

    def read(self, rows: pd.DataFrame) -> np.ndarray:
        """Return all images of the manifest rows, uint8 (n, S, S, 3).

        Raises DataError for one that has changed.
        """
        return read_resized(
            self.open,
            list(rows["locator"]),
            self.resize,
            workers=self.workers,
            checksums=list(rows["sha256"]),
        )

    def whole(self, rows: pd.DataFrame, side: int) -> Iterator[Picture]:
        """Yield each image whole, its longer side at ``side`` at most, and which part of it is the square.

        Raises DataError for one that has changed.
        """
        return self._prepared(rows, partial(picture, self.resize, side=side))

    def larger(self, rows: pd.DataFrame, scale: float) -> Iterator[np.ndarray]:
        """Yield each image, uint8 (H, W, 3), at up to ``scale`` times the square's size, or at its own.

        Raises DataError for one that has changed.
        """
        return self._prepared(rows, partial(self.resize.apply_larger, scale=scale))

    def _prepared(self, rows: pd.DataFrame, prepare: Callable[[np.ndarray], Prepared]) -> Iterator[Prepared]:
        checksums = list(rows["sha256"])
        return stream_prepared(
            self.open, list(rows["locator"]), prepare, workers=self.workers, checksums=checksums
        )

    def batches(
        self, rows: pd.DataFrame, batch_size: int, label: str, transform: str | None = None
    ) -> Iterator[np.ndarray]:
        """Yield batches of the rows' images, uint8 (b, S, S, 3), decoded ahead; progress goes to the log.

        ``transform``: another one than the reader's own.
        """
        stream = stream_resized(
            self.open,
            list(rows["locator"]),
            replace(self.resize, transform=transform) if transform else self.resize,
            batch_size=batch_size,
            workers=self.workers,
            checksums=list(rows["sha256"]),
        )
        return track(stream, -(-len(rows) // batch_size), label)


def split_rows(manifest: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the rows of one split, in manifest order. Raises DataError where there are none."""
    rows = manifest[manifest["split"] == split].reset_index(drop=True)
    if rows.empty:
        raise DataError(f"the dataset has no {split} images{NO_TEST if split == 'test' else ''}")
    return rows


def labels_of(rows: pd.DataFrame) -> np.ndarray:
    """Return the class indices of manifest rows, int64, -1 where unknown."""
    return rows["label"].fillna(-1).to_numpy(dtype=np.int64)
