"""Decoded images in a file (HDF5): test images made squares once, for all jobs that score on them.

Layout: ``/images (N, S, S, 3)`` uint8, ``/sample_id (N,)``; contiguous and uncompressed, so that a job maps
it and the page cache serves all jobs of a machine. The root attributes say how the images became squares and
which images they are; each dataset carries its ``sha256``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from fact.backbones.spec import ImageInput
from fact.features.checks import forget_plugins, storage_problem
from fact.features.format import content_sha256, new_digest, read_digest, text_dtype, write_texts
from fact.features.hdf5_file import check_room, naming, new_file
from fact.infra.errors import ArtifactError
from fact.infra.files.publish import publish

FORMAT = "fact-decoded-1"
TEXTS = ("format", "transform", "rows_sha256", "content_sha256")
REMEDY = "delete the file and run the same command again"
ROOM = "free some space, or set run.history to last and keep_refined to true, which decode no file"


def write_decoded(
    path: Path, batches: Iterable[np.ndarray], rows: pd.DataFrame, spec: ImageInput, transform: str
) -> None:
    """Publish the uint8 images (b, S, S, 3) of manifest rows, in their order, batch by batch.

    Raises OSError when the disk has no room, ArtifactError when images are missing.
    """
    shape = (len(rows), spec.image_size, spec.image_size, 3)
    with publish(path) as temporary, new_file(temporary, path, open_decoded) as file:
        check_room(path, prod(shape), what="decoded images", remedy=ROOM)
        ids = _as_texts(rows["sample_id"])
        with naming(path):
            file.create_dataset("images", shape, np.uint8)
            file.create_dataset("sample_id", data=ids)
        named = new_digest("sample_id", ids.shape, ids.dtype)
        named.update(ids.tobytes())
        digests: dict[str, str | None] = {
            "images": _write_images(file["images"], batches, path),
            "sample_id": named.hexdigest(),
        }
        with naming(path):
            for name, digest in digests.items():
                write_texts(file[name], {"sha256": str(digest)})
            write_texts(file, {"format": FORMAT, **about_rows(rows, spec, transform)})
            write_texts(file, {"content_sha256": content_sha256(digests)})


def _write_images(images: h5py.Dataset, batches: Iterable[np.ndarray], path: Path) -> str:
    """Fill a dataset batch by batch; returns its digest."""
    digest, done = new_digest("images", images.shape, images.dtype), 0
    for batch in batches:
        with naming(path):
            images[done : done + len(batch)] = batch
        digest.update(np.ascontiguousarray(batch).data)
        done += len(batch)
    if done != len(images):
        raise ArtifactError(f"{path}: {done} images came for {len(images)} rows; {REMEDY}")
    return digest.hexdigest()


@contextmanager
def open_decoded(path: Path) -> Iterator[h5py.File]:
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
        raise ArtifactError(f"{path}: damaged, or no file of decoded images ({error}); {REMEDY}") from error


def _problem(file: h5py.File, held: int) -> str | None:
    texts = {name: read_text_attribute(file, name) for name in TEXTS}
    if texts["format"] != FORMAT or None in texts.values():
        return f"format is {texts['format']!r}, expected {FORMAT!r}"
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
    if texts["content_sha256"] != content_sha256({name: read_digest(file[name]) for name in file}):
        return "content hash mismatch, changed or damaged"
    return None


def about_rows(rows: pd.DataFrame, spec: ImageInput, transform: str) -> dict[str, str]:
    """Return what tells a decoded file of manifest rows from others, as its attributes have it."""
    lines = (f"{name} {sha256}\n" for name, sha256 in zip(rows["sample_id"], rows["sha256"], strict=True))
    return {
        "transform": json.dumps({"shape": transform, **spec.input_json()}, sort_keys=True),
        "rows_sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }


def _as_texts(sample_ids: Iterable[str]) -> np.ndarray:
    encoded = [sample_id.encode() for sample_id in sample_ids]
    return np.array(encoded, text_dtype(max(map(len, encoded))))


def read_text_attribute(file: h5py.File, name: str) -> str | None:
    """Return a root attribute; None where there is none, or no text."""
    value = file.attrs.get(name)
    return value.decode() if isinstance(value, bytes) else None
