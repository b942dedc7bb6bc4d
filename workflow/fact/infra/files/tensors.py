"""Tensors in safetensors files that carry a checksum of their content, and a header of plain JSON.

safetensors itself checks its header, not the numbers: a flipped bit in a weight would go unnoticed. It writes
the entries of its metadata in an order that varies from run to run; they are sorted afterwards, so that equal
content gives equal bytes. ``format: pt`` says to other readers whose tensors these are.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from fact.infra.files.checked_tensors import Content, content_sha256, header_text, read_checked
from fact.infra.files.checksum import CHECKSUM
from fact.infra.files.publish import publish
from fact.infra.files.tensor_header import HEADER


def publish_tensors(path: Path | str, tensors: Mapping[str, Tensor], header: Mapping[str, object]) -> None:
    """Publish tensors (any device) and a header of plain JSON types, with a checksum of both."""
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    contents = ((name, _content(stored[name])) for name in sorted(stored))
    checked = {**header, CHECKSUM: content_sha256(header, contents)}
    with publish(path) as temporary:
        save_file(stored, temporary, metadata={HEADER: header_text(checked), "format": "pt"})
        _sort_metadata(temporary)


def _sort_metadata(path: Path) -> None:
    """Rewrite the metadata of a safetensors file with sorted keys, in as many bytes."""
    with path.open("r+b") as file:
        size = int.from_bytes(file.read(8), "little")
        content = json.loads(file.read(size))
        ordered = {**content, "__metadata__": dict(sorted(content["__metadata__"].items()))}
        text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) > size:
            raise ValueError(f"{path}: a header of {len(text)} bytes does not fit into {size}")
        file.seek(8)
        # spaces after the header are part of the format
        file.write(text.ljust(size))


def read_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict]:
    """Return the tensors, on the CPU, and the header of a file written by :func:`publish_tensors`.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged or of another kind.
    """
    return read_checked(path, "pt", _content)


def tensor_bytes(tensor: Tensor) -> np.ndarray:
    """Return the bytes of a tensor of any device, shape and dtype, uint8 (size,)."""
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def _content(tensor: Tensor) -> Content:
    return Content(str(tensor.dtype), tuple(tensor.shape), tensor_bytes(tensor).data)
