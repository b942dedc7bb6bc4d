"""From a declared backbone to a folder ``model.safetensors`` + ``backbone.json``, and from there to a model.

:func:`fetch_weights` is the only function that may touch a network (timm's hub names). Everything after
it reads the folder alone, so that jobs run offline and depend on one file with a known sha256.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fact.backbones.download import download, is_url
from fact.backbones.interface import Backbone, pooled_dim
from fact.backbones.state_dict import file_sha256, read_state_dict
from fact.infra.files.publish import publish
from fact.infra.files.record import publish_record, read_record
from fact.infra.process.heavy_imports import collector_rests
from fact.infra.process.torchvision_guard import allow_mismatched_torchvision
from fact.seeds import derive_seed

WEIGHTS_FILE = "model.safetensors"
SPEC_FILE = "backbone.json"
LOCAL_DIR = "local-dir:"
RANDOM = "random"


def fetch_weights(name: str, declared: dict, folder: Path) -> dict:
    """Resolve the declared backbone into ``folder`` and return its spec (the content of backbone.json).

    ``declared``: ``model`` (timm name, hub name or ``local-dir:PATH``), ``weights`` (a .safetensors or .pth
    file, its URL, null for the model's own pretrained weights, or ``random`` for none: a start drawn
    from the backbone's name), ``sha256`` (required for .pth),
    ``model_args``, ``image_size``, ``mean``, ``std``, ``interpolation`` (null: the model's own).
    Raises FileNotFoundError or ValueError naming the backbone, the file and the remedy.
    """
    if is_url(declared.get("weights") or ""):
        return _fetch_downloaded(name, declared, folder)
    if declared.get("weights") == RANDOM:
        return _write_random(name, declared, folder)
    model_name, model_args, own_cfg, weights = _resolve_model(name, declared)
    model = _create(name, model_name, model_args, pretrained=weights is None)
    if weights is not None:
        _load_strictly(name, model, read_state_dict(weights, declared.get("sha256")), weights)
    spec = backbone_spec(declared, model_name, model_args, {**model.pretrained_cfg, **own_cfg})
    _check_image_size(name, model, spec["image_size"])
    return write_backbone(folder, model, spec)


def _fetch_downloaded(name: str, declared: dict, folder: Path) -> dict:
    """Fetch from a URL; a file whose sha256 is not pinned yet stays in the folder, to be looked at."""
    url, expected = declared["weights"], declared.get("sha256")
    file = download(url, folder)
    found = file_sha256(file)
    if expected and found != expected:
        file.unlink()
        raise ValueError(f"backbones.{name}: {url} has sha256 {found}, expected {expected}; run this again")
    spec = fetch_weights(name, {**declared, "weights": str(file)}, folder)
    file.unlink()
    return spec


def _write_random(name: str, declared: dict, folder: Path) -> dict:
    """Random weights, the same on every machine; the spec says so."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed("random weights", name))
        backbone, spec = untrained_backbone(name, {**declared, "weights": None})
    _check_image_size(name, backbone.model, spec["image_size"])
    return write_backbone(folder, backbone.model, {**spec, "source": "random weights", "license": None})


def untrained_backbone(name: str, declared: dict) -> tuple[Backbone, dict]:
    """The declared backbone with random weights, in eval mode, and its spec; nothing is fetched.

    Raises FileNotFoundError or ValueError naming the backbone, the value and the remedy.
    """
    model_name, model_args, own_cfg, _ = _resolve_model(name, declared)
    model = _create(name, model_name, model_args, pretrained=False)
    spec = backbone_spec(declared, model_name, model_args, {**model.pretrained_cfg, **own_cfg})
    return Backbone(model).eval(), spec


def write_backbone(folder: Path, model: nn.Module, spec: dict) -> dict:
    """Publish a timm model and its spec into ``folder``; returns the spec with ``weights_sha256``."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    with publish(folder / WEIGHTS_FILE) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    spec = {**spec, "weights_sha256": file_sha256(folder / WEIGHTS_FILE)}
    publish_record(folder / SPEC_FILE, spec)
    return spec


def load_backbone(folder: Path, *, drop_path: float = 0.0, any_size: bool = False) -> tuple[Backbone, dict]:
    """The backbone of a weights folder, in eval mode on the CPU, and its spec.

    ``drop_path``: stochastic depth rate while training; models that have none ignore it. ``any_size``: a
    vision transformer takes images of any size and interpolates its position embeddings.
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
    model = create_architecture(spec["architecture"], spec["model_args"], drop_path, any_size=any_size)
    model.load_state_dict(load_file(weights))
    return Backbone(model).eval(), spec


def create_architecture(
    architecture: str, model_args: dict, drop_path: float = 0.0, *, any_size: bool = False
) -> nn.Module:
    """An untrained timm model without classifier; ``drop_path`` and ``any_size`` where the model has them."""
    timm = _timm()
    args = {**model_args, "num_classes": 0, "pretrained": False}
    drop = {"drop_path_rate": drop_path} if drop_path else {}
    flexible = {"dynamic_img_size": True} if any_size else {}
    # a model that has none of an argument says so by a TypeError
    for wishes in ({**drop, **flexible}, drop):
        with suppress(TypeError):
            return timm.create_model(architecture, **args, **wishes)
    return timm.create_model(architecture, **args)


def _timm() -> ModuleType:
    """timm, with this project's own models among its names."""
    allow_mismatched_torchvision()
    with collector_rests():
        import timm

        import fact.backbones.convnext_stage
        import fact.backbones.vil  # noqa: F401 (both register their models)

    return timm


def read_spec(folder: Path) -> dict:
    """The spec written beside the weights. Raises FileNotFoundError when there is none."""
    file = folder / SPEC_FILE
    if not file.is_file():
        raise FileNotFoundError(f"{file} does not exist; run rule get_weights")
    return read_record(file)


def _resolve_model(name: str, declared: dict) -> tuple[str, dict, dict, Path | None]:
    model, args = declared["model"], dict(declared.get("model_args") or {})
    weights = declared.get("weights")
    if not model.startswith(LOCAL_DIR):
        return model, args, {}, Path(weights) if weights else None
    folder = Path(model.removeprefix(LOCAL_DIR))
    config = folder / "config.json"
    if not config.is_file():
        raise FileNotFoundError(
            f"backbones.{name}.model: {config} does not exist; "
            f"a local timm folder holds config.json and {WEIGHTS_FILE}"
        )
    record = json.loads(config.read_text("utf-8"))
    if "architecture" not in record:
        raise ValueError(f"backbones.{name}.model: {config} has no `architecture`; take timm's config.json")
    args = {**record.get("model_args", {}), **args}
    # timm's older files hold the settings of the weights beside the architecture
    own_cfg = record.get("pretrained_cfg", record)
    return record["architecture"], args, own_cfg, Path(weights) if weights else folder / WEIGHTS_FILE


def _create(name: str, model_name: str, model_args: dict, pretrained: bool) -> nn.Module:
    timm = _timm()
    if not timm.is_model(model_name):
        raise ValueError(f"backbones.{name}.model: timm has no model '{model_name}'; see timm.list_models()")
    try:
        return timm.create_model(model_name, pretrained=pretrained, **{**model_args, "num_classes": 0})
    except Exception as error:
        if not pretrained:
            raise ValueError(f"backbones.{name}: timm could not build '{model_name}': {error}") from error
        raise ValueError(
            f"backbones.{name}: the weights of '{model_name}' could not be fetched ({error}); run this rule "
            f"where there is a network, or set `model: local-dir:FOLDER` or `weights: FILE`"
        ) from error


def _load_strictly(name: str, model: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    try:
        model.load_state_dict(_converted(model, tensors))
    except Exception as error:  # timm's conversions of a foreign checkpoint raise whatever they stumble over
        raise ValueError(
            f"backbones.{name}: {path} does not fit {type(model).__name__}; "
            f"check `model` and `model_args`. {error}"
        ) from error


def _converted(model: nn.Module, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Published tensors under timm's names, float32, without the classifier."""
    convert = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    tensors = convert(tensors, model) if convert else tensors
    classifiers = _classifier_names(model)
    return {
        key: value.float() if value.is_floating_point() else value
        for key, value in tensors.items()
        if not key.startswith(classifiers)
    }


def _check_image_size(name: str, model: nn.Module, image_size: int) -> None:
    try:
        pooled_dim(Backbone(model), image_size)
    except (AssertionError, RuntimeError) as error:
        raise ValueError(
            f"backbones.{name}.image_size: the model does not take images of side {image_size} ({error}); "
            f"change it, or set model_args: {{img_size: {image_size}}}"
        ) from error


def _classifier_names(model: nn.Module) -> tuple[str, ...]:
    names = model.pretrained_cfg.get("classifier") or "head"
    return tuple(f"{name}." for name in ([names] if isinstance(names, str) else names))


def backbone_spec(declared: dict, architecture: str, model_args: dict, cfg: dict) -> dict:
    """What backbone.json says: the declared keys, and timm's ``cfg`` where they are null."""
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
