"""Heads as safetensors files: plain tensors, and how they were fitted as JSON in the header."""

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from fact.heads.head import Head
from fact.publish import publish

FORMAT = "fact-head"
VERSION = 1
NEEDED = {"bias"}
KNOWN = {"bias", "weight", "token_weight", "query", "value"}


def save_head(path: Path | str, head: Head, metadata: Mapping[str, object] | None = None) -> None:
    """Publish ``head`` at ``path``, with ``metadata`` (plain JSON types) beside its kind and pooling."""
    header = {"format": FORMAT, "version": VERSION, "kind": head.kind, "pooling": head.pooling}
    text = json.dumps({**(metadata or {}), **header}, sort_keys=True, allow_nan=False)
    with publish(path) as temporary:
        save_file(head.tensors, temporary, metadata={"fact": text})


def load_head(path: Path | str) -> Head:
    """Read a head written by :func:`save_head`.

    Raises FileNotFoundError, or ValueError when the file is not such a head.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such head; run the rule that writes it")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("fact", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path}: not a readable safetensors file ({error}); delete it and run its rule again"
        ) from error
    _check(path, header, set(tensors))
    return Head(tensors)


def head_metadata(path: Path | str) -> dict:
    """The JSON header of a head's file."""
    with safe_open(path, framework="pt") as file:
        return json.loads((file.metadata() or {}).get("fact", "{}"))


def _check(path: Path, header: dict, names: set[str]) -> None:
    found = (header.get("format"), header.get("version"))
    if found != (FORMAT, VERSION):
        raise ValueError(
            f"{path}: format and version are {found}, not {(FORMAT, VERSION)}; fit the head again"
        )
    if not names >= NEEDED or names - KNOWN:
        raise ValueError(
            f"{path}: tensors {sorted(names)}; a head has bias and some of {sorted(KNOWN)}; fit it again"
        )
