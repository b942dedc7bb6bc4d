"""The masks of a data set as a file: checksum and pixels by class of each, apart from the manifest.

Selection reads the manifest and must not depend on labels; training reads both. After more masks have been
drawn, delete the file to index them again.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from fact.data.contract import accepted_options
from fact.data.mask_files import NO_MASK
from fact.data.masks import class_pixels
from fact.data.parallel import map_ordered
from fact.data.selection_file import chosen_rows, read_selection
from fact.infra.errors import DataError
from fact.infra.files.parquet import publish_parquet, read_parquet


class MaskIndex(NamedTuple):
    """``sha256`` of the mask's class positions and ``pixels (K,)`` int64, by sample id."""

    sha256: dict[str, str]
    pixels: dict[str, np.ndarray]


def index_masks(
    source: ModuleType, root: Path | None, options: dict, rows: pd.DataFrame, classes: int, workers: int
) -> MaskIndex:
    """Return every mask of the manifest ``rows``; an image of the pool without one is left out."""
    read = partial(source.read_mask, root, **accepted_options(source.read_mask, options))
    inspect = partial(_inspect, read, classes)
    result = zip(rows["sample_id"], map_ordered(inspect, rows["locator"], workers), strict=True)
    known = {name: entry for name, entry in result if entry is not None}
    return MaskIndex(
        {name: digest for name, (digest, _) in known.items()},
        {name: pixels for name, (_, pixels) in known.items()},
    )


def mask_sha256(mask: np.ndarray) -> str:
    """Return the checksum of a mask's shape and class positions."""
    return hashlib.sha256(f"{mask.shape}".encode() + mask.tobytes()).hexdigest()


def write_masks(path: Path, index: MaskIndex) -> None:
    """Publish the index as parquet."""
    names = sorted(index.sha256)
    table = {
        "sample_id": names,
        "sha256": [index.sha256[name] for name in names],
        "pixels": [index.pixels[name].tolist() for name in names],
    }
    publish_parquet(path, pa.table(table))


def read_masks(path: Path) -> MaskIndex:
    """Return the index of :func:`write_masks`. Raises FileNotFoundError, and DataError for another file."""
    table = read_parquet(path).to_pydict()
    if set(table) != {"sample_id", "sha256", "pixels"}:
        raise DataError(f"{path} is no index of masks; delete it and run again")
    names = table["sample_id"]
    pixels = (np.array(counts, np.int64) for counts in table["pixels"])
    return MaskIndex(dict(zip(names, table["sha256"], strict=True)), dict(zip(names, pixels, strict=True)))


def labelled_rows(manifest: pd.DataFrame, selection: Path, masks: MaskIndex) -> pd.DataFrame:
    """Return manifest rows of a selection, in pick order, those with a mask.

    Raises DataError when one is not in the pool, none has a mask, or no mask has a pixel of a class.
    """
    rows = chosen_rows(manifest, read_selection(selection), selection)
    outside = rows["sample_id"][rows["split"] != "pool"]
    if len(outside):
        raise DataError(f"{selection} names {outside.iloc[0]}, which is not in the pool; select again")
    labelled = rows[rows["sample_id"].isin(masks.sha256)].reset_index(drop=True)
    if labelled.empty or not seen_pixels(labelled, masks).any():
        raise DataError(
            f"none of the {len(rows)} images of {selection} has a mask with a class; annotate them, delete "
            "the data set's masks.parquet and run again (docs/segmentation.md)"
        )
    return labelled


def seen_pixels(rows: pd.DataFrame, masks: MaskIndex) -> np.ndarray:
    """Return pixels by class in the masks of rows, int64 (K,)."""
    return np.sum([masks.pixels[name] for name in rows["sample_id"]], axis=0)


def names_of(classes: Sequence[str], present: np.ndarray) -> list[str]:
    """Return the class names at which ``present (K,)`` is true."""
    return [name for name, there in zip(classes, present, strict=True) if there]


def _inspect(read: partial, classes: int, locator: str) -> tuple[str, np.ndarray] | None:
    try:
        mask = read(locator)
    except ValueError as error:
        if NO_MASK in str(error):
            return None
        raise
    return mask_sha256(mask), class_pixels(mask, classes)
