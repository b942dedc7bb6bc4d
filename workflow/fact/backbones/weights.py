"""From a declared backbone to a folder ``model.safetensors`` + ``backbone.json``, and from there to a model.

:func:`fetch_weights` is the only function that may touch a network (timm's hub names). Everything after
it reads the folder alone, so that jobs run offline and depend on one file with a known sha256.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fact.backbones.interface import Backbone
from fact.publish import publish, publish_json
from fact.torchvision_guard import allow_mismatched_torchvision

WEIGHTS_FILE = "model.safetensors"
SPEC_FILE = "backbone.json"
LOCAL_DIR = "local-dir:"


def fetch_weights(name: str, declared: dict, folder: Path) -> dict:
    """Resolve the declared backbone into ``folder`` and return its spec (the content of backbone.json).

    ``declared``: ``model`` (timm name, hub name or ``local-dir:PATH``), ``weights`` (a .safetensors or .pth
    file, or null for the model's own pretrained weights), ``sha256`` (required for .pth), ``model_args``,
    ``image_size``, ``mean``, ``std``, ``interpolation`` (null: the model's own).
    Raises FileNotFoundError or ValueError naming the backbone, the file and the remedy.
    """
    model_name, model_args, own_cfg, weights = _resolve_model(name, declared)
    model = _create(name, model_name, model_args, pretrained=weights is None)
    if weights is not None:
        _load_strictly(name, model, read_state_dict(weights, declared.get("sha256")), weights)
    cfg = {**model.pretrained_cfg, **own_cfg}
    return write_backbone(folder, model, _spec(declared, model_name, model_args, cfg))


def write_backbone(folder: Path, model: nn.Module, spec: dict) -> dict:
    """Publish a timm model and its spec into ``folder``; returns the spec with ``weights_sha256``."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    with publish(folder / WEIGHTS_FILE) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    spec = {**spec, "weights_sha256": file_sha256(folder / WEIGHTS_FILE)}
    publish_json(folder / SPEC_FILE, spec)
    return spec


def load_backbone(folder: Path, *, drop_path: float = 0.0) -> tuple[Backbone, dict]:
    """The backbone of a weights folder, in eval mode on the CPU, and its spec.

    ``drop_path``: stochastic depth rate while training; models that have none ignore it.
    Raises ValueError when the weights file is not the one that the spec was written for.
    """
    spec = read_spec(folder)
    weights = folder / WEIGHTS_FILE
    found = file_sha256(weights)
    if found != spec["weights_sha256"]:
        raise ValueError(
            f"{weights}: sha256 {found} is not the recorded {spec['weights_sha256']}; "
            f"delete the folder {folder} and run again"
        )
    model = create_architecture(spec["architecture"], spec["model_args"], drop_path)
    model.load_state_dict(load_file(weights))
    return Backbone(model).eval(), spec


def create_architecture(architecture: str, model_args: dict, drop_path: float = 0.0) -> nn.Module:
    """An untrained timm model without classifier."""
    allow_mismatched_torchvision()
    import timm

    args = {**model_args, "num_classes": 0, "pretrained": False}
    if drop_path == 0:
        return timm.create_model(architecture, **args)
    try:
        return timm.create_model(architecture, drop_path_rate=drop_path, **args)
    except TypeError:
        return timm.create_model(architecture, **args)


def read_spec(folder: Path) -> dict:
    """The spec written beside the weights."""
    return json.loads((folder / SPEC_FILE).read_text("utf-8"))


def read_state_dict(path: Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Tensors of a .safetensors file, or of a .pth file read with ``weights_only`` and a pinned sha256."""
    if not path.is_file():
        raise FileNotFoundError(f"weights file {path} does not exist; put it there or change `weights`")
    if sha256 and file_sha256(path) != sha256:
        raise ValueError(f"{path}: sha256 is {file_sha256(path)}, expected {sha256}; fetch the file again")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if not sha256:
        raise ValueError(f"{path}: a {path.suffix} file is only read with a pinned sha256; set `sha256`")
    return _unwrap(torch.load(path, map_location="cpu", weights_only=True))


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolve_model(name: str, declared: dict) -> tuple[str, dict, dict, Path | None]:
    model, args = declared["model"], dict(declared.get("model_args") or {})
    weights = declared.get("weights")
    if not model.startswith(LOCAL_DIR):
        return model, args, {}, Path(weights) if weights else None
    folder = Path(model.removeprefix(LOCAL_DIR))
    config = folder / "config.json"
    if not config.is_file():
        raise FileNotFoundError(
            f"backbones.{name}.model: {config} does not exist; a local timm folder holds config.json and {WEIGHTS_FILE}"
        )
    record = json.loads(config.read_text("utf-8"))
    args = {**record.get("model_args", {}), **args}
    return record["architecture"], args, record.get("pretrained_cfg", {}), folder / WEIGHTS_FILE


def _create(name: str, model_name: str, model_args: dict, pretrained: bool) -> nn.Module:
    allow_mismatched_torchvision()
    import timm

    if not timm.is_model(model_name):
        raise ValueError(f"backbones.{name}.model: timm has no model '{model_name}'; see timm.list_models()")
    try:
        return timm.create_model(model_name, pretrained=pretrained, num_classes=0, **model_args)
    except Exception as error:
        if not pretrained:
            raise ValueError(f"backbones.{name}: timm could not build '{model_name}': {error}") from error
        raise ValueError(
            f"backbones.{name}: the weights of '{model_name}' could not be fetched ({error}); run this rule where "
            f"there is a network, or set `model: local-dir:FOLDER` or `weights: FILE`"
        ) from error


def _load_strictly(name: str, model: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    convert = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    if convert is not None:
        tensors = convert(tensors, model)
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}
    classifiers = _classifier_names(model)
    tensors = {key: value for key, value in tensors.items() if not key.startswith(classifiers)}
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(
            f"backbones.{name}: {path} does not fit {type(model).__name__}; check `model` and `model_args`. {error}"
        ) from error


def _classifier_names(model: nn.Module) -> tuple[str, ...]:
    names = model.pretrained_cfg.get("classifier") or "head"
    return tuple(f"{name}." for name in ([names] if isinstance(names, str) else names))


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is not a whole safetensors file ({error}); fetch it again") from error


def _unwrap(content: dict) -> dict[str, Tensor]:
    for key in ("state_dict", "model", "teacher"):
        if isinstance(content.get(key), dict):
            content = content[key]
    return {key.removeprefix("module.").removeprefix("backbone."): value for key, value in content.items()}


def _spec(declared: dict, architecture: str, model_args: dict, cfg: dict) -> dict:
    return {
        "architecture": architecture,
        "model_args": model_args,
        "image_size": declared.get("image_size") or model_args.get("img_size") or cfg["input_size"][-1],
        "mean": list(declared.get("mean") or cfg["mean"]),
        "std": list(declared.get("std") or cfg["std"]),
        "interpolation": declared.get("interpolation") or cfg["interpolation"],
        "source": declared["model"],
        "license": cfg.get("license"),
    }
