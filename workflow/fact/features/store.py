"""Feature files (HDF5): frozen or refined features of one split, and what they were made of.

Layout: ``/features (N, D)``, optional ``/tokens (N, H, W, C)``, ``/sample_id (N,)`` UTF-8 text,
``/label (N,)`` int64 with -1 for unknown; root attributes as listed in :mod:`fact.features.format`.
Contiguous and uncompressed: a file is read whole, and one-row chunks read a hundred times slower. Each
dataset carries its own ``sha256`` attribute, so that a reader without need of tokens checks a file without
reading them. Nothing volatile is stored: the same content gives the same bytes.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import DTypeLike

from fact.features.checks import open_features, refuse_non_finite
from fact.features.format import REMEDY, check_expected, new_digest, read_digest
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings

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
    attributes: Settings


def read_features(
    path: Path | str, *, expect: Mapping[str, object] | None = None, verify: bool = True, tokens: bool = True
) -> FeatureSet:
    """Read a features file whole.

    ``expect`` names attributes that the caller relies on, e.g. ``{"backbone": "vit_digits"}``; ``verify``
    compares what is read with its SHA-256; ``tokens=False`` leaves the tokens on the disk, unread.

    Raises FileNotFoundError, and ArtifactError for anything but a whole, finite, self-contained features file
    with the expected attributes. Shapes, dtypes and links are checked before any bulk is read.
    """
    with open_features(path) as (file, attributes):
        check_expected(attributes, expect or {}, path)
        texts = _read(file["sample_id"], file["sample_id"].dtype, [], verify=verify)
        sample_ids = [text.decode() for text in texts]
        labels = _read(file["label"], np.int64, sample_ids, verify=verify)
        features = _read(file["features"], np.float32, sample_ids, verify=verify)
        grid = None
        if tokens and "tokens" in file:
            grid = _read(file["tokens"], file["tokens"].dtype, sample_ids, verify=verify)
        return FeatureSet(features, grid, sample_ids=sample_ids, labels=labels, attributes=attributes)


@dataclass(frozen=True)
class FeatureBatches:
    """An open features file: what stands in little memory, and the rest batch by batch."""

    file: h5py.File
    sample_ids: list[str]
    labels: np.ndarray
    """int64 (N,), -1 where unknown"""
    attributes: Settings

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield features (b, D) float32 and tokens (b, H, W, C), in the order of the file.

        Raises ArtifactError for a value that is not finite, for a file without tokens and, after the last
        batch, for one that has changed or is damaged.
        """
        features, tokens = self.file["features"], self.file.get("tokens")
        if tokens is None:
            raise ArtifactError(f"{self.file.filename}: holds no tokens; {REMEDY}")
        step = _rows_at_once(tokens)
        blocks = (_blocks(part, self.sample_ids, verify=True, step=step) for part in (features, tokens))
        for (_, vectors), (_, grid) in zip(*blocks, strict=True):
            yield vectors.astype(np.float32), grid


@contextmanager
def open_batches(path: Path | str, *, expect: Mapping[str, object] | None = None) -> Iterator[FeatureBatches]:
    """Yield a features file to be read batch by batch. Raises as ``read_features``."""
    with open_features(path) as (file, attributes):
        check_expected(attributes, expect or {}, path)
        texts = _read(file["sample_id"], file["sample_id"].dtype, [], verify=True)
        sample_ids = [text.decode() for text in texts]
        labels = _read(file["label"], np.int64, sample_ids, verify=True)
        yield FeatureBatches(file, sample_ids, labels, attributes)


def verify_features(path: Path | str) -> None:
    """Check every byte of a features file, block by block in little memory. Raises as ``read_features``."""
    with open_features(path) as (file, _):
        sample_ids = [text.decode() for text in file["sample_id"][()]]
        for dataset in file.values():
            deque(_blocks(dataset, sample_ids, verify=True), maxlen=0)


def _read(dataset: h5py.Dataset, dtype: DTypeLike, sample_ids: Sequence[str], verify: bool) -> np.ndarray:
    values = np.empty(dataset.shape, dtype)
    for rows, block in _blocks(dataset, sample_ids, verify):
        values[rows] = block
    return values


def _rows_at_once(dataset: h5py.Dataset) -> int:
    return max(1, BLOCK_BYTES * len(dataset) // dataset.nbytes)


def _blocks(
    dataset: h5py.Dataset, sample_ids: Sequence[str], verify: bool, step: int | None = None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (rows, block) over a dataset, numbers being finite; after the last compare the SHA-256."""
    place = f"{dataset.file.filename}: {dataset.name}"
    digest = new_digest(dataset.name.lstrip("/"), dataset.shape, dataset.dtype)
    step = step or _rows_at_once(dataset)
    for start in range(0, len(dataset), step):
        rows = slice(start, start + step)
        block = dataset[rows]
        if block.dtype.kind == "f":
            refuse_non_finite(block, sample_ids[rows], f"{place} holds NaN or infinity, {REMEDY}")
        if verify:
            digest.update(block)
        yield rows, block
    if verify and digest.hexdigest() != read_digest(dataset):
        raise ArtifactError(f"{place}: content hash mismatch, changed or damaged; {REMEDY}")
