"""The content of a tensor file and its checksum, whichever library holds the tensors."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import CHECKSUM, REMEDY, existing
from fact.infra.files.tensor_header import HEADER


class Content(NamedTuple):
    """What of a tensor is in the checksum: its type as torch names it, its shape, its bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview


def read_checked(
    path: Path | str, framework: Literal["numpy", "pt"], content: Callable[[Any], Content]
) -> tuple[dict[str, Any], dict]:
    """Return tensors of a ``framework`` and the header of a file that carries a checksum of both.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or of another kind.
    """
    from safetensors import SafetensorError, safe_open

    path = existing(path)
    try:
        with safe_open(path, framework=framework) as file:
            header = json.loads(file.metadata()[HEADER])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        checksum = header.pop(CHECKSUM)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is no whole tensor file of this project ({error}); {REMEDY}") from error
    contents = ((name, content(tensors[name])) for name in sorted(tensors))
    if checksum != content_sha256(header, contents):
        raise ArtifactError(f"{path} is damaged: it does not match its own {CHECKSUM}; {REMEDY}")
    return tensors, header


def content_sha256(header: Mapping[str, object], contents: Iterable[tuple[str, Content]]) -> str:
    """Return the checksum of a header of plain JSON and of tensors in the order of their names."""
    digest = hashlib.sha256(header_text(header).encode())
    for name, (dtype, shape, data) in contents:
        digest.update(f"\n{name} {dtype} {shape}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def header_text(header: Mapping[str, object]) -> str:
    """Return a header as it is written and summed."""
    return json.dumps(header, sort_keys=True, allow_nan=False)
