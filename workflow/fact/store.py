"""Feature files (HDF5): frozen or refined features of one split, and what they were made of.

Layout: ``/features (N, D)``, optional ``/tokens (N, H, W, C)``, ``/sample_id (N,)`` UTF-8 text,
``/label (N,)`` int64 with -1 for unknown; root attributes as listed in :mod:`fact.store_format`.
Contiguous and uncompressed: a file is read whole, and one-row chunks read a hundred times slower. Each
dataset carries its own ``sha256`` attribute, so that who needs no tokens checks a file without reading
them. Nothing volatile is stored: the same content gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from fact.store_checks import open_features, refuse_non_finite
from fact.store_format import (
    REMEDY,
    check_expected,
    content_sha256,
    ids_digest,
    labels_digest,
    new_digest,
)
from fact.store_writer import FeatureWriter

BLOCK_BYTES = 16 * 2**20


class FeatureSet(NamedTuple):
    """The content of a features file; row i of every array is sample i."""

    features: np.ndarray
    """float32 (N, D)"""
    tokens: np.ndarray | None
    """(N, H, W, C) in the stored dtype; None when the file has none or they were not asked for"""
    sample_ids: list[str]
    labels: np.ndarray
    """int64 (N,), -1 where unknown"""
    attributes: dict[str, str | int]


def write_features(
    path: Path | str,
    features: np.ndarray,
    *,
    tokens: np.ndarray | None = None,
    sample_ids: Sequence[str],
    labels: np.ndarray,
    attributes: dict,
    dtype: str = "float16",
) -> None:
    """Publish a features file from features (N, D) and tokens (N, H, W, C); see :class:`FeatureWriter`."""
    samples = {"sample_ids": sample_ids, "labels": labels, "attributes": attributes}
    with FeatureWriter(path, dtype=dtype, **samples) as writer:
        writer.append(features, tokens)


def read_features(
    path: Path | str, *, expect: dict | None = None, verify: bool = True, tokens: bool = True
) -> FeatureSet:
    """Read a features file whole.

    ``expect`` names attributes that the caller relies on, e.g. ``{"backbone": "vit_digits"}``; ``verify``
    compares what is read with its SHA-256; ``tokens=False`` leaves the tokens on the disk, unread.

    Raises FileNotFoundError, and ValueError for anything but a whole, finite, self-contained features file
    with the expected attributes. Shapes, dtypes and links are checked before any bulk is read.
    """
    with open_features(path) as (file, attributes):
        check_expected(attributes, expect or {}, path)
        sample_ids, labels = _read_samples(file, path, verify)
        features = np.empty(file["features"].shape, np.float32)
        for rows, block in _blocks(file["features"], sample_ids, path, verify):
            features[rows] = block
        grid = None
        if tokens and "tokens" in file:
            grid = np.empty(file["tokens"].shape, file["tokens"].dtype)
            for rows, block in _blocks(file["tokens"], sample_ids, path, verify):
                grid[rows] = block
        return FeatureSet(features, grid, sample_ids, labels, attributes)


def verify_features(path: Path | str) -> None:
    """Check every byte of a features file block by block, in little memory. Raises as ``read_features``."""
    with open_features(path) as (file, _):
        sample_ids, _ = _read_samples(file, path, verify=True)
        for name in ("features", "tokens"):
            for _ in _blocks(file[name], sample_ids, path, verify=True) if name in file else ():
                pass


def _read_samples(file: h5py.File, path: Path | str, verify: bool) -> tuple[list[str], np.ndarray]:
    """Sample ids and labels; also ties the datasets' digests to the file's ``content_sha256``."""
    stored = {name: str(file[name].attrs.get("sha256")) for name in file}
    if verify and content_sha256(stored) != file.attrs["content_sha256"]:
        raise ValueError(f"{path}: content hash mismatch of the file, changed or damaged; {REMEDY}")
    sample_ids = [text.decode() for text in file["sample_id"][()]]
    labels = file["label"][()]
    if verify:
        _check_digest("sample_id", ids_digest(sample_ids).hexdigest(), stored, path)
        _check_digest("label", labels_digest(labels).hexdigest(), stored, path)
    return sample_ids, labels


def _blocks(
    dataset: h5py.Dataset, sample_ids: Sequence[str], path: Path | str, verify: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (rows, block) over a dataset, each block finite; after the last one compare the SHA-256."""
    name = dataset.name.lstrip("/")
    digest = new_digest(name, dataset.shape, dataset.dtype.str)
    step = max(1, BLOCK_BYTES * len(dataset) // dataset.nbytes)
    for start in range(0, len(dataset), step):
        rows = slice(start, start + step)
        block = dataset[rows]
        refuse_non_finite(block, sample_ids[rows], f"{path}: NaN or infinity in /{name}; {REMEDY}")
        digest.update(block if verify else b"")
        yield rows, block
    if verify:
        _check_digest(name, digest.hexdigest(), {name: dataset.attrs.get("sha256")}, path)


def _check_digest(name: str, found: str, stored: dict[str, str], path: Path | str) -> None:
    if found != stored[name]:
        raise ValueError(f"{path}: content hash mismatch of /{name}, changed or damaged; {REMEDY}")
