"""What a features file says about itself: its root attributes and its SHA-256 digests."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings

FORMAT, VERSION = "fact-features", 1
TEXT_ATTRIBUTES = (
    "dataset",
    "split",
    "backbone",
    "weights_sha256",
    "transform",
    "pooling",
    "code_version",
    "provenance",
)
# the arithmetic that features were computed in; files of other programs may lack it
PRECISION = "precision"
# what a file is that holds no plain features; an attribute of its own
KINDS = ("maps", "patterns")
REMEDY = "delete the file and rerun the rule that wrote it"


def encode_attributes(attributes: Mapping[str, object]) -> dict[str, str]:
    """Return the attributes as texts, in the order of the format, ``precision`` and ``kind`` last if given.

    Raises ValueError for missing or unknown ones.
    """
    kind = {"kind": str(attributes["kind"])} if attributes.get("kind") in KINDS else {}
    precision = {PRECISION: str(attributes[PRECISION])} if PRECISION in attributes else {}
    if wrong := sorted((set(attributes) - set(kind) - set(precision)) ^ set(TEXT_ATTRIBUTES)):
        needed = ", ".join(TEXT_ATTRIBUTES)
        raise ValueError(f"attributes missing or unknown: {', '.join(wrong)}; give exactly {needed}")
    texts = {name: _encode(attributes[name]) for name in TEXT_ATTRIBUTES}
    return texts | {"provenance": _encode(json.loads(texts["provenance"]))} | precision | kind


def read_attributes(file: h5py.File, path: Path | str) -> Settings:
    """Return the root attributes of an open file, ``precision`` and ``kind`` among them where there are some.

    Raises ArtifactError for another format or kind and for missing texts.
    """
    names = ("format", *TEXT_ATTRIBUTES, "content_sha256")
    texts = {name: _decode(file.attrs.get(name)) for name in names}
    if wrong := [name for name, text in texts.items() if text is None]:
        raise ArtifactError(f"{path}: root attributes missing or not text: {', '.join(wrong)}; {REMEDY}")
    actual = (texts["format"], str(file.attrs.get("version")))
    if actual != (FORMAT, str(VERSION)):
        raise ArtifactError(
            f"{path}: format and version are {actual}, expected {(FORMAT, VERSION)}; {REMEDY}"
        )
    kind = _decode(file.attrs.get("kind"))
    if "kind" in file.attrs and kind not in KINDS:
        raise ArtifactError(f"{path}: kind is {kind!r}, expected {' or '.join(KINDS)}; {REMEDY}")
    precision = _decode(file.attrs.get(PRECISION))
    given = {PRECISION: precision, "kind": kind}
    return texts | {"version": VERSION} | {name: text for name, text in given.items() if text}


def read_digest(dataset: h5py.Dataset) -> str | None:
    """Return the SHA-256 that a dataset carries; None where it carries none."""
    return _decode(dataset.attrs.get("sha256"))


def write_texts(holder: h5py.Group | h5py.Dataset, texts: dict[str, str]) -> None:
    """Store attributes of fixed length, which HDF5 keeps where its own checksums cover them."""
    for name, text in texts.items():
        data = text.encode()
        holder.attrs.create(name, data, dtype=text_dtype(len(data)))


def text_dtype(length: int) -> np.dtype:
    """Return the dtype of UTF-8 text of at most ``length`` bytes; variable lengths have no checksums."""
    return h5py.string_dtype("utf-8", max(1, length))


def check_expected(attributes: Settings, expect: Mapping[str, object], path: Path | str) -> None:
    """Raise ArtifactError when an attribute is not what the caller needs, naming both values."""
    for name, wanted in expect.items():
        actual = attributes.get(name)
        if actual != _encode(wanted):
            raise ArtifactError(
                f"{path}: {name} is {actual!r}, expected {wanted!r}; give the features file of that {name}, "
                "or delete this one and rerun extract_features"
            )


def new_digest(name: str, shape: tuple[int, ...], dtype: np.dtype) -> "hashlib._Hash":
    """Return a SHA-256 of a dataset's name, shape and dtype, to be updated with its bytes in row order."""
    return hashlib.sha256(f"{name} {tuple(map(int, shape))} {dtype.str}\n".encode())


def content_sha256(digests: dict[str, str | None]) -> str:
    """Return one SHA-256 over the datasets' own, by name; attributes play no part."""
    lines = [f"{name} {digests[name]}\n" for name in sorted(digests)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _encode(value: object) -> str:
    """Return a text as it is, anything else as JSON with sorted keys."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, allow_nan=False)


def _decode(value: object) -> str | None:
    return value.decode() if isinstance(value, bytes) else None
