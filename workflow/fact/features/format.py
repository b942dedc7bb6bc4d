"""What a features file says about itself: its root attributes and its SHA-256 digests."""

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np

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
REMEDY = "delete the file and rerun the rule that wrote it"


def encode_attributes(attributes: dict) -> dict[str, str]:
    """The attributes as texts, in the order of the format. Raises ValueError for missing or unknown ones."""
    if wrong := sorted(set(attributes) ^ set(TEXT_ATTRIBUTES)):
        needed = ", ".join(TEXT_ATTRIBUTES)
        raise ValueError(f"attributes missing or unknown: {', '.join(wrong)}; give exactly {needed}")
    texts = {name: _encode(attributes[name]) for name in TEXT_ATTRIBUTES}
    return texts | {"provenance": _encode(json.loads(texts["provenance"]))}


def read_attributes(file: h5py.File, path: Path | str) -> dict[str, str | int]:
    """The root attributes of an open file. Raises ValueError for another format and for missing texts."""
    names = ("format", *TEXT_ATTRIBUTES, "content_sha256")
    texts = {name: _decode(file.attrs.get(name)) for name in names}
    if wrong := [name for name, text in texts.items() if text is None]:
        raise ValueError(f"{path}: root attributes missing or not text: {', '.join(wrong)}; {REMEDY}")
    found = (texts["format"], str(file.attrs.get("version")))
    if found != (FORMAT, str(VERSION)):
        raise ValueError(f"{path}: format and version are {found}, expected {(FORMAT, VERSION)}; {REMEDY}")
    return texts | {"version": VERSION}


def read_digest(dataset: h5py.Dataset) -> str | None:
    """The SHA-256 that a dataset carries; None where it carries none."""
    return _decode(dataset.attrs.get("sha256"))


def write_texts(holder: h5py.Group | h5py.Dataset, texts: dict[str, str]) -> None:
    """Store attributes of fixed length, which HDF5 keeps where its own checksums cover them."""
    for name, text in texts.items():
        data = text.encode()
        holder.attrs.create(name, data, dtype=text_dtype(len(data)))


def text_dtype(length: int) -> np.dtype:
    """UTF-8 text of at most ``length`` bytes; a variable length would live in a heap without checksums."""
    return h5py.string_dtype("utf-8", max(1, length))


def check_expected(attributes: dict, expect: dict, path: Path | str) -> None:
    """Raise ValueError when an attribute is not what the caller needs, naming both values."""
    for name, wanted in expect.items():
        found = attributes.get(name)
        if found != _encode(wanted):
            raise ValueError(
                f"{path}: {name} is {found!r}, expected {wanted!r}; give the features file of that {name}, "
                "or delete this one and rerun extract_features"
            )


def new_digest(name: str, shape: tuple[int, ...], dtype: np.dtype) -> "hashlib._Hash":
    """A SHA-256 that has seen a dataset's name, shape and dtype and waits for its raw bytes in row order."""
    return hashlib.sha256(f"{name} {tuple(map(int, shape))} {dtype.str}\n".encode())


def content_sha256(digests: dict[str, str | None]) -> str:
    """One SHA-256 over the datasets' own, by name: the same for the same content, whatever the attributes."""
    lines = [f"{name} {digests[name]}\n" for name in sorted(digests)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _encode(value: object) -> str:
    """A text as it is, anything else as JSON with sorted keys."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, allow_nan=False)


def _decode(value: object) -> str | None:
    return value.decode() if isinstance(value, bytes) else None
