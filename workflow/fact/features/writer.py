"""Write a features file batch by batch, so that a large pool never stands in memory at once."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from fact.features.checks import FLOATS, checked_ids, checked_labels, refuse_non_finite
from fact.features.format import (
    FORMAT,
    VERSION,
    content_sha256,
    encode_attributes,
    new_digest,
    text_dtype,
    write_texts,
)
from fact.features.hdf5_file import check_room, naming, new_file
from fact.infra.errors import ConfigError
from fact.infra.files.publish import publish


class FeatureWriter:
    """Write a features file batch by batch, in the order of ``sample_ids``; a context manager.

    The file appears under its name only when the block ends without error and every sample has come.

    Parameters
    ----------
    path : destination, e.g. ``results/features/digits/vit_digits/pool.h5``
    sample_ids : N unique texts
    labels : integers (N,), -1 where unknown
    attributes : the eight of ``format.TEXT_ATTRIBUTES``, texts or plain values to be stored as JSON, and a
    ``kind`` dtype : of features and tokens in the file, ``float16`` or ``float32``

    Raises ConfigError for another dtype, ArtifactError, naming the samples, for NaN, infinity and overflow,
    ValueError for wrong attributes, ids, labels or shapes, OSError, naming the bytes needed, when the disk
    has no room for them.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        sample_ids: Sequence[str],
        labels: np.ndarray,
        attributes: Mapping[str, object],
        dtype: str = "float16",
    ) -> None:
        self.path = Path(path)
        self.sample_ids = checked_ids(sample_ids)
        self.labels = checked_labels(labels, len(self.sample_ids))
        self.attributes = encode_attributes(attributes)
        self.dtype = np.dtype(dtype)
        if self.dtype not in FLOATS:
            raise ConfigError(f"features cannot be stored as {dtype}; use float16 or float32")
        self.rows = 0
        self._digests: dict = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            temporary = stack.enter_context(publish(self.path))
            self._file = stack.enter_context(new_file(temporary, self.path))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._finish()

    def append(self, features: np.ndarray, tokens: np.ndarray | None = None) -> None:
        """Write the next b samples: features (b, D) and, in every batch or in none, tokens (b, H, W, C)."""
        batch = {"features": features} | ({} if tokens is None else {"tokens": tokens})
        self._check_rows(batch)
        if not self._digests:
            self._create({name: (len(self.sample_ids), *values.shape[1:]) for name, values in batch.items()})
        self._check_shapes(batch)
        start, stop = self.rows, self.rows + len(features)
        ids = self.sample_ids[start:stop]
        stored = {
            name: _stored(name, values, self.dtype, sample_ids=ids, path=self.path)
            for name, values in batch.items()
        }
        with naming(self.path):
            for name, values in stored.items():
                self._file[name][start:stop] = values
                self._digests[name].update(values)
        self.rows = stop

    def _create(self, shapes: dict[str, tuple[int, ...]]) -> None:
        check_room(self.path, sum(map(prod, shapes.values())) * self.dtype.itemsize)
        samples = {"sample_id": _as_texts(self.sample_ids), "label": self.labels}
        with naming(self.path):
            for name, values in samples.items():
                self._file.create_dataset(name, data=values)
                self._digests[name] = new_digest(name, values.shape, values.dtype)
                self._digests[name].update(values)
            for name, shape in shapes.items():
                self._file.create_dataset(name, shape, self.dtype)
                self._digests[name] = new_digest(name, shape, self.dtype)

    def _check_rows(self, batch: dict[str, np.ndarray]) -> None:
        left = len(self.sample_ids) - self.rows
        counts = {name: len(values) for name, values in batch.items()}
        if len(set(counts.values())) != 1 or counts["features"] > left:
            raise ValueError(f"{self.path}: a batch of {counts} rows came, {left} sample ids are left for it")

    def _check_shapes(self, batch: dict[str, np.ndarray]) -> None:
        shapes = {name: values.shape[1:] for name, values in batch.items()}
        expected = {name: self._file[name].shape[1:] for name in ("features", "tokens") if name in self._file}
        dimensions = tuple(len(shape) for shape in shapes.values())
        if shapes != expected or dimensions not in ((1,), (1, 3)):
            wanted = "features (D,), tokens (H, W, C) or none, the same in every batch"
            raise ValueError(f"{self.path}: samples of shapes {shapes} after {expected}; expected {wanted}")

    def _finish(self) -> None:
        if self.rows != len(self.sample_ids):
            missing = f"{self.rows} rows came for {len(self.sample_ids)} sample ids"
            raise ValueError(f"{self.path}: {missing}; append every batch before the block ends")
        digests = {name: digest.hexdigest() for name, digest in self._digests.items()}
        with naming(self.path):
            for name, digest in digests.items():
                write_texts(self._file[name], {"sha256": digest})
            write_texts(self._file, {"format": FORMAT, **self.attributes})
            write_texts(self._file, {"content_sha256": content_sha256(digests)})
            self._file.attrs["version"] = VERSION


def _as_texts(sample_ids: Sequence[str]) -> np.ndarray:
    encoded = [sample_id.encode() for sample_id in sample_ids]
    return np.array(encoded, text_dtype(max(map(len, encoded))))


def _stored(
    name: str, values: np.ndarray, dtype: np.dtype, sample_ids: Sequence[str], path: Path
) -> np.ndarray:
    """Return the values as they go to the file; refuses NaN, infinity and what the dtype cannot hold."""
    refuse_non_finite(values, sample_ids, f"{path}: NaN or infinity in /{name}; check images and precision")
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(values, dtype)
    problem = f"{path}: /{name} beyond {np.finfo(dtype).max:.5g}, the largest {dtype}"
    refuse_non_finite(stored, sample_ids, f'{problem}; store them with dtype "float32"')
    return stored
