"""Heads as safetensors files: plain tensors, and how they were fitted as JSON in the header."""

from collections.abc import Mapping
from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.training.heads.head import PREFIXES, Head

FORMAT = "fact-head"
VERSION = 1
NEEDED = {"bias"}
LINEAR = {f"{prefix}{name}" for prefix in PREFIXES for name in ("weight", "token_weight")}
KNOWN = {"bias", "query", "value"} | LINEAR


def save_head(path: Path | str, head: Head, metadata: Mapping[str, object] | None = None) -> None:
    """Publish ``head`` at ``path``, with ``metadata`` (plain JSON types) beside its kind and pooling."""
    header = {"format": FORMAT, "version": VERSION, "kind": head.kind, "pooling": head.pooling}
    publish_tensors(path, head.tensors, {**(metadata or {}), **header})


def load_head(path: Path | str) -> Head:
    """Read a head written by :func:`save_head`.

    Raises FileNotFoundError, or ArtifactError when the file is not such a head.
    """
    tensors, header = read_tensors(path)
    _check(path, header, set(tensors))
    return Head(tensors)


def _check(path: Path | str, header: Mapping[str, object], names: set[str]) -> None:
    actual = (header.get("format"), header.get("version"))
    if actual != (FORMAT, VERSION):
        raise ArtifactError(
            f"{path}: format and version are {actual}, not {(FORMAT, VERSION)}; fit the head again"
        )
    if not names >= NEEDED or names - KNOWN:
        raise ArtifactError(
            f"{path}: tensors {sorted(names)}; a head has bias and some of {sorted(KNOWN)}; fit it again"
        )
