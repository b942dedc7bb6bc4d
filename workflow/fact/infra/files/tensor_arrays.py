"""Tensor files read as NumPy arrays, without torch."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fact.infra.errors import ArtifactError
from fact.infra.files.checksum import CHECKSUM, REMEDY, existing
from fact.infra.files.tensor_header import HEADER


def read_arrays(path: Path | str) -> tuple[dict[str, np.ndarray], dict]:
    """Return the arrays and the header of a file that :func:`fact.infra.files.tensors.publish_tensors` wrote.

    Raises FileNotFoundError, and ArtifactError for a file that is damaged, of another kind, or of a type
    that NumPy lacks.
    """
    from safetensors import SafetensorError, safe_open

    path = existing(path)
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads(file.metadata()[HEADER])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        checksum = header.pop(CHECKSUM)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is no whole tensor file of this project ({error}); {REMEDY}") from error
    if checksum != _sha256(arrays, header):
        raise ArtifactError(f"{path} is damaged: it does not match its own {CHECKSUM}; {REMEDY}")
    return arrays, header


def _sha256(arrays: Mapping[str, np.ndarray], header: Mapping[str, object]) -> str:
    """Return the checksum that was taken of the tensors: their types are named as torch names them."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True, allow_nan=False).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\n{name} torch.{array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
