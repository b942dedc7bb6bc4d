"""What a features file says about itself: its root attributes and its SHA-256 digests."""

import hashlib
import json
from collections.abc import Sequence
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
    texts = {name: file.attrs.get(name) for name in names}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise ValueError(f"{path}: root attributes missing or not text: {', '.join(wrong)}; {REMEDY}")
    found = (texts["format"], str(file.attrs.get("version")))
    if found != (FORMAT, str(VERSION)):
        raise ValueError(f"{path}: format and version are {found}, expected {(FORMAT, VERSION)}; {REMEDY}")
    return texts | {"version": VERSION}


def check_expected(attributes: dict, expect: dict, path: Path | str) -> None:
    """Raise ValueError when an attribute is not what the caller needs, naming both values."""
    for name, wanted in expect.items():
        found = attributes.get(name)
        if found != _encode(wanted):
            raise ValueError(
                f"{path}: {name} is {found!r}, expected {wanted!r}; give the features file of that {name}, "
                "or delete this one and rerun extract_features"
            )


def new_digest(name: str, shape: tuple[int, ...], kind: str) -> "hashlib._Hash":
    """A SHA-256 that has seen a dataset's name, shape and dtype and waits for its raw bytes in row order."""
    return hashlib.sha256(f"{name} {tuple(map(int, shape))} {kind}\n".encode())


def ids_digest(sample_ids: Sequence[str]) -> "hashlib._Hash":
    """The digest of ``/sample_id``: each text as UTF-8 after its length in bytes, 8 bytes little-endian."""
    digest = new_digest("sample_id", (len(sample_ids),), "utf-8")
    texts = (text.encode() for text in sample_ids)
    digest.update(b"".join(len(text).to_bytes(8, "little") + text for text in texts))
    return digest


def labels_digest(labels: np.ndarray) -> "hashlib._Hash":
    """The digest of ``/label``, int64 (N,)."""
    digest = new_digest("label", labels.shape, "<i8")
    digest.update(np.ascontiguousarray(labels, "<i8"))
    return digest


def content_sha256(digests: dict[str, str]) -> str:
    """One SHA-256 over the datasets' own, by name: the same for the same content, whatever the attributes."""
    lines = [f"{name} {digests[name]}\n" for name in sorted(digests)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _encode(value: object) -> str:
    """A text as it is, anything else as JSON with sorted keys."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, allow_nan=False)
