"""Tensors from a published weights file, without ever running what a file may contain."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from fact.infra.errors import DataError
from fact.infra.files.sha256 import file_sha256
from fact.infra.process.progress import log

# keys of a checkpoint that hold the weights: averaged ones come before those that were averaged
HOLDERS = ("state_dict_ema", "model_ema", "ema", "teacher", "state_dict", "model", "encoder", "backbone")
# in front of every name: of DistributedDataParallel, torch.compile, Lightning and self-supervised trainings
WRAPPERS = ("module.", "_orig_mod.", "model.", "teacher.", "backbone.", "encoder.", "base_model.")
# in front of the backbone's names, where others lie beside them
BACKBONES = ("backbone.", "encoder.", "teacher.backbone.", "teacher.", "encoder_q.", "base_encoder.")


def read_state_dict(path: Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Return tensors of a .safetensors file, or of a .pth file with ``weights_only`` and a pinned sha256.

    Raises FileNotFoundError, and DataError for a wrong sha256, a damaged file and anything but tensors.
    """
    if not path.is_file():
        raise FileNotFoundError(f"weights file {path} does not exist; put it there or change `weights`")
    if sha256 and file_sha256(path) != sha256:
        raise DataError(f"{path}: sha256 is {file_sha256(path)}, expected {sha256}; fetch the file again")
    if path.suffix == ".safetensors":
        return without_prefixes(_read_safetensors(path))
    if not sha256:
        raise DataError(
            f"{path}: a {path.suffix} file is only read with a pinned sha256; set `sha256`, "
            f"to {file_sha256(path)} if this is the file that its publisher means"
        )
    return _read_pickle(path)


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
    content = _unwrapped(path, content)
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise DataError(f"{path} holds no dictionary of tensors; save the model's state_dict alone")
    return without_prefixes(content)


def _unwrapped(path: Path, content: object) -> object:
    """Return what a checkpoint holds as weights, however deep, and say which of several it is."""
    while isinstance(content, dict) and (held := [name for name in HOLDERS if _holds(content, name)]):
        content = content[held[0]]
        beside = f", not those under {', '.join(map(repr, held[1:]))}" if held[1:] else ""
        log(f"{path}: the weights under {held[0]!r} are taken{beside}")
    return content


def without_prefixes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors under the names of the backbone alone, whatever a training wrapped it in.

    A prefix is taken off when all names have it. Where only some have, as beside a projector or a head, those
    below the first wrapper are the backbone's, and the others are left out.
    """
    while prefix := next((prefix for prefix in WRAPPERS if _begins(tensors, prefix, every=True)), None):
        tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    for prefix in BACKBONES:
        if _begins(tensors, prefix, every=False):
            own = {
                key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
            }
            return without_prefixes(own)
    return tensors


def _begins(tensors: dict[str, Tensor], prefix: str, *, every: bool) -> bool:
    among = all if every else any
    return bool(tensors) and among(key.startswith(prefix) for key in tensors)


def _holds(content: dict, name: str) -> bool:
    return isinstance(content.get(name), dict) and bool(content[name])
