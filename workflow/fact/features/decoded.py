"""Decoded images in a file (HDF5): test images made squares once, for all jobs that score on them.

Layout: ``/images (N, S, S, 3)`` uint8, ``/sample_id (N,)``; contiguous and uncompressed, so that a job maps
it and the page cache serves all jobs of a machine. The root attributes say how the images became squares and
which images they are; each dataset carries its ``sha256``.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import torch
from torch import Tensor

from fact.backbones.memory import fits_device
from fact.backbones.spec import ImageInput
from fact.device import pinned
from fact.features.checks import forget_plugins, storage_problem
from fact.features.dump import describe_transform
from fact.features.format import content_sha256, new_digest, read_digest, text_dtype, write_texts
from fact.features.hdf5_file import check_room, naming, new_file
from fact.infra.errors import ArtifactError
from fact.infra.files.publish import publish

FORMAT = "fact-decoded-1"
TEXTS = ("format", "transform", "rows_sha256", "content_sha256")
BLOCK_BYTES = 16 * 2**20
REMEDY = "delete the file and run the same command again"
ROOM = "free some space, or set run.history to last and keep_refined to true, which decode no file"


def write_decoded(
    path: Path, batches: Iterable[np.ndarray], rows: pd.DataFrame, spec: ImageInput, transform: str
) -> None:
    """Publish the uint8 images (b, S, S, 3) of manifest rows, in their order, batch by batch.

    Raises OSError when the disk has no room, ArtifactError when images are missing.
    """
    shape = (len(rows), spec.image_size, spec.image_size, 3)
    with publish(path) as temporary, new_file(temporary, path, _open) as file:
        check_room(path, int(np.prod(shape)), what="decoded images", remedy=ROOM)
        digests = {"images": new_digest("images", shape, np.dtype(np.uint8))}
        ids = _as_texts(rows["sample_id"])
        with naming(path):
            images = file.create_dataset("images", shape, np.uint8)
            file.create_dataset("sample_id", data=ids)
        digests["sample_id"] = new_digest("sample_id", ids.shape, ids.dtype)
        digests["sample_id"].update(ids.tobytes())
        done = 0
        for batch in batches:
            with naming(path):
                images[done : done + len(batch)] = batch
            digests["images"].update(np.ascontiguousarray(batch).data)
            done += len(batch)
        if done != len(rows):
            raise ArtifactError(f"{path}: {done} images came for {len(rows)} rows; {REMEDY}")
        hexes: dict[str, str | None] = {name: digest.hexdigest() for name, digest in digests.items()}
        with naming(path):
            for name, digest in digests.items():
                write_texts(file[name], {"sha256": digest.hexdigest()})
            write_texts(file, {"format": FORMAT, **_about(rows, spec, transform)})
            write_texts(file, {"content_sha256": content_sha256(hexes)})


class DecodedImages:
    """The images of a decoded file, mapped read-only; every byte is checked when it is opened.

    Raises FileNotFoundError, and ArtifactError for a damaged file and for one of other images or another
    geometry.
    """

    def __init__(self, path: Path, rows: pd.DataFrame, spec: ImageInput, transform: str) -> None:
        self.path, self._signature = path, _signature(path)
        with _open(path) as file:
            self._check_about(file, _about(rows, spec, transform))
            dataset = file["images"]
            expected = (len(rows), spec.image_size, spec.image_size, 3)
            if dataset.shape != expected:
                raise ArtifactError(f"{path}: images have shape {dataset.shape}, not {expected}; {REMEDY}")
            offset, self._sha256 = dataset.id.get_offset(), read_digest(dataset)
        self.images = np.memmap(path, np.uint8, mode="r", offset=offset, shape=expected)
        self._check_content()
        self._resident: Tensor | None = None

    def batches(self, size: int, device: torch.device) -> Iterator[Tensor]:
        """Yield uint8 batches (b, S, S, 3): on a GPU where they fit in half of its free memory, else on the
        host, pinned where there is a GPU, and one batch ahead.

        Raises ArtifactError when the file has changed since it was opened.
        """
        self.check_unchanged()
        starts = range(0, len(self.images), size)
        if self._resident is None and fits_device(self.images.nbytes, device):
            self._resident = torch.empty(self.images.shape, dtype=torch.uint8, device=device)
            for start, block in zip(starts, self._host_batches(starts, size, device), strict=True):
                self._resident[start : start + size].copy_(block, non_blocking=True)
        if self._resident is not None:
            return (self._resident[start : start + size] for start in starts)
        return self._host_batches(starts, size, device)

    def check_unchanged(self) -> None:
        """Raise ArtifactError when the file is not the one that was opened."""
        if _signature(self.path) != self._signature:
            raise ArtifactError(f"{self.path} has changed while it was in use; run the same command again")

    def _host_batches(self, starts: range, size: int, device: torch.device) -> Iterator[Tensor]:
        def load(start: int) -> Tensor:
            # a copy: torch takes no array that cannot be written
            return pinned(torch.from_numpy(np.array(self.images[start : start + size])), device)

        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(load, starts[0])
            for following in starts[1:]:
                ready, coming = coming, pool.submit(load, following)
                yield ready.result()
            yield coming.result()

    def _check_about(self, file: h5py.File, wanted: dict[str, str]) -> None:
        for name, value in wanted.items():
            if _text(file, name) != value:
                raise ArtifactError(f"{self.path}: its {name} is of other images or settings; {REMEDY}")

    def _check_content(self) -> None:
        digest = new_digest("images", self.images.shape, self.images.dtype)
        step = max(1, BLOCK_BYTES * len(self.images) // self.images.nbytes)
        for start in range(0, len(self.images), step):
            digest.update(self.images[start : start + step].data)
        if digest.hexdigest() != self._sha256:
            raise ArtifactError(f"{self.path}: content hash mismatch, changed or damaged; {REMEDY}")
        self.check_unchanged()


@contextmanager
def _open(path: Path) -> Iterator[h5py.File]:
    """Yield a decoded file, checked for all but its bulk. Raises ArtifactError, FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file of decoded images; the rule decode_test writes it")
    forget_plugins()
    try:
        with h5py.File(path, "r", locking=False) as file:
            if problem := _problem(file, path.stat().st_size):
                raise ArtifactError(f"{path}: {problem}; {REMEDY}")
            yield file
    except PermissionError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, UnicodeDecodeError) as error:
        if isinstance(error, ArtifactError):
            raise
        raise ArtifactError(f"{path}: damaged, or no file of decoded images ({error}); {REMEDY}") from error


def _problem(file: h5py.File, held: int) -> str | None:
    if _text(file, "format") != FORMAT or any(_text(file, name) is None for name in TEXTS):
        return f"format is {_text(file, 'format')!r}, expected {FORMAT!r}"
    if sorted(file) != ["images", "sample_id"]:
        return f"holds {sorted(file)}, expected images and sample_id"
    for name in file:
        if problem := storage_problem(file, name):
            return f"/{name} {problem}"
    images = file["images"]
    if images.dtype != np.uint8 or images.ndim != 4 or not images.size:
        return f"/images has shape {images.shape} and dtype {images.dtype}"
    offset = images.id.get_offset()
    if offset is None or offset + images.nbytes > held:
        return f"claims {images.nbytes} bytes of images but holds {held}"
    if _text(file, "content_sha256") != content_sha256({name: read_digest(file[name]) for name in file}):
        return "content hash mismatch, changed or damaged"
    return None


def _about(rows: pd.DataFrame, spec: ImageInput, transform: str) -> dict[str, str]:
    lines = (f"{name} {sha256}\n" for name, sha256 in zip(rows["sample_id"], rows["sha256"], strict=True))
    return {
        "transform": json.dumps(describe_transform(spec, transform), sort_keys=True),
        "rows_sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }


def _as_texts(sample_ids: Iterable[str]) -> np.ndarray:
    encoded = [sample_id.encode() for sample_id in sample_ids]
    return np.array(encoded, text_dtype(max(map(len, encoded))))


def _text(file: h5py.File, name: str) -> str | None:
    value = file.attrs.get(name)
    return value.decode() if isinstance(value, bytes) else None


def _signature(path: Path) -> tuple[int, ...] | None:
    """Return what changes with a file: its inode, size and time of change; None where there is none."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
