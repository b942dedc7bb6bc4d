"""Tensors from a published weights file, without ever running what a file may contain."""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fact.infra.errors import DataError


def read_state_dict(path: Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Return tensors of a .safetensors file, or of a .pth file with ``weights_only`` and a pinned sha256.

    Raises FileNotFoundError, and DataError for a wrong sha256, a damaged file and anything but tensors.
    """
    if not path.is_file():
        raise FileNotFoundError(f"weights file {path} does not exist; put it there or change `weights`")
    if sha256 and file_sha256(path) != sha256:
        raise DataError(f"{path}: sha256 is {file_sha256(path)}, expected {sha256}; fetch the file again")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if not sha256:
        raise DataError(
            f"{path}: a {path.suffix} file is only read with a pinned sha256; set `sha256`, "
            f"to {file_sha256(path)} if this is the file that its publisher means"
        )
    return _read_pickle(path)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise DataError(f"{path} is not a whole safetensors file ({error}); fetch it again") from error


def _read_pickle(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise DataError(
            f"{path} is damaged or holds more than plain tensors, and nothing else is read from it; "
            f"save its state_dict as .safetensors"
        ) from error
    for key in ("state_dict", "model", "teacher"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise DataError(f"{path} holds no dictionary of tensors; save the model's state_dict alone")
    return {key.removeprefix("module.").removeprefix("backbone."): value for key, value in content.items()}
