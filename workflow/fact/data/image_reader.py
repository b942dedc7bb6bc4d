"""What the stages of the workflow have in common: reading their files into arrays."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from fact.data.contract import load_source
from fact.data.images import read_resized, stream_resized
from fact.infra.process.progress import track

NO_TEST = ", which scores need; give some (docs/own_images.md), or ask for the targets select and model alone"


class ImageReader:
    """Images of one source, resized for one backbone, in one way for all stages.

    ``source``: the content of source.json. ``reading``: ``source``, ``transform``, ``options``.
    ``spec``: the backbone's spec.
    """

    def __init__(self, source: dict, reading: dict, spec: dict, workers: int) -> None:
        self.module = load_source(reading["source"])
        self.root = Path(source["root"]) if source["root"] else None
        self.size = {"size": spec["image_size"], "interpolation": spec["interpolation"]}
        self.how = {"transform": reading["transform"], "workers": workers, "options": reading["options"]}

    def read(self, rows: pd.DataFrame) -> np.ndarray:
        """Return all images of the manifest rows, uint8 (n, S, S, 3).

        Raises ValueError for one that has changed.
        """
        return read_resized(self.module, self.root, **self._of(rows))

    def batches(
        self, rows: pd.DataFrame, batch_size: int, label: str, transform: str | None = None
    ) -> Iterator[np.ndarray]:
        """Return batches of the rows' images, uint8 (b, S, S, 3), decoded ahead; progress goes to the log.

        ``transform``: another one than the reader's own.
        """
        how = self._of(rows) | ({"transform": transform} if transform else {})
        stream = stream_resized(self.module, self.root, batch_size=batch_size, **how)
        return track(stream, -(-len(rows) // batch_size), label)

    def _of(self, rows: pd.DataFrame) -> dict:
        return {"locators": list(rows["locator"]), "checksums": list(rows["sha256"]), **self.size, **self.how}


def split_rows(manifest: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the rows of one split, in manifest order. Raises ValueError where there are none."""
    rows = manifest[manifest["split"] == split].reset_index(drop=True)
    if rows.empty:
        raise ValueError(f"the dataset has no {split} images{NO_TEST if split == 'test' else ''}")
    return rows


def labels_of(rows: pd.DataFrame) -> np.ndarray:
    """Return class indices of manifest rows, int64, -1 where unknown."""
    return rows["label"].fillna(-1).to_numpy(dtype=np.int64)
