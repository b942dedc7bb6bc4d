"""From a declared backbone to a folder ``model.safetensors`` + ``backbone.json``, and from there to a model.

:func:`fetch_weights` is the only function that may touch a network (timm's hub names). Everything after
it reads the folder alone, so that jobs run offline and depend on one file with a known sha256.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from fact.backbones.interface import Backbone, pooled_dim
from fact.backbones.spec import SPEC_FILE, BackboneSpec, DeclaredBackbone, read_spec
from fact.backbones.state_dict import read_state_dict
from fact.backbones.timm_model import TimmModel
from fact.config.weights_source import LOCAL_DIR, RANDOM, is_url
from fact.infra.errors import ArtifactError, ConfigError, DataError
from fact.infra.fields import Settings
from fact.infra.files.download import download
from fact.infra.files.publish import publish
from fact.infra.files.record import publish_record, read_record
from fact.infra.files.sha256 import file_sha256
from fact.infra.files.shipped import shipped_file
from fact.infra.needed import needed
from fact.infra.process.heavy_imports import collector_rests
from fact.infra.process.progress import log
from fact.seeds import derive_seed

WEIGHTS_FILE = "model.safetensors"
# what the first download was, where no sha256 is declared
PIN_FILE = "first_download.json"


class Resolved(NamedTuple):
    """What a declaration comes to: timm's name, its arguments, the weights' own settings and their file."""

    architecture: str
    model_args: Settings
    own_cfg: Settings
    weights: Path | None


def fetch_weights(declared: DeclaredBackbone, folder: Path) -> BackboneSpec:
    """Resolve the declared backbone into ``folder`` and return its spec (the content of backbone.json).

    Raises FileNotFoundError, ConfigError or DataError naming the backbone, the file and the remedy.
    """
    if is_url(declared.weights or ""):
        return _fetch_downloaded(declared, folder)
    if declared.weights == RANDOM:
        return _write_random(declared, folder)
    resolved = _resolve_model(declared)
    model = _create(declared.name, resolved, pretrained=resolved.weights is None)
    if resolved.weights is not None:
        tensors = read_state_dict(resolved.weights, declared.sha256)
        _load_strictly(declared.name, model, tensors=tensors, path=resolved.weights)
    spec = backbone_spec(declared, resolved, model.pretrained_cfg)
    _check_image_size(declared.name, model, spec.image_size)
    return write_backbone(folder, model, spec)


def _fetch_downloaded(declared: DeclaredBackbone, folder: Path) -> BackboneSpec:
    """Fetch from a URL. Where no sha256 is declared, that of the first download is kept beside the weights.

    Raises DataError for another file of that URL later.
    """
    url = needed(declared.weights, f"backbones.{declared.name}.weights")
    file = download(url, folder, f"sha256:{declared.sha256}" if declared.sha256 else None)
    sha256 = declared.sha256 or _first_sha256(declared.name, url, file)
    spec = fetch_weights(replace(declared, weights=str(file), sha256=sha256), folder)
    file.unlink()
    return spec


def _first_sha256(name: str, url: str, file: Path) -> str:
    """Return the sha256 of a download, which is kept when it is the first one of its URL."""
    pin, actual = file.parent / PIN_FILE, file_sha256(file)
    first = read_record(pin) if pin.is_file() else {}
    if first.get("url") != url:
        publish_record(pin, {"url": url, "sha256": actual})
        log(
            f"backbones.{name} declares no sha256: {url} is taken as it came, {actual}, and no other file "
            "later; compare it with its publisher, and set `sha256`"
        )
    elif first["sha256"] != actual:
        file.unlink()
        raise DataError(
            f"{url} has sha256 {actual} now, not {first['sha256']} as when it was first fetched; set "
            f"backbones.{name}.sha256 to the one that the publisher means, or delete {pin} to take it"
        )
    return actual


def _write_random(declared: DeclaredBackbone, folder: Path) -> BackboneSpec:
    """Write random weights, the same on every machine; the spec says so."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed("random weights", declared.name))
        backbone, spec = untrained_backbone(replace(declared, weights=None))
    _check_image_size(declared.name, backbone.model, spec.image_size)
    return write_backbone(folder, backbone.model, replace(spec, source="random weights", license=None))


def untrained_backbone(declared: DeclaredBackbone) -> tuple[Backbone, BackboneSpec]:
    """Return the declared backbone with random weights, in eval mode, and its spec; nothing is fetched.

    Raises FileNotFoundError or ConfigError naming the backbone, the value and the remedy.
    """
    resolved = _resolve_model(declared)
    model = _create(declared.name, resolved, pretrained=False)
    return Backbone(model).eval(), backbone_spec(declared, resolved, model.pretrained_cfg)


def write_backbone(folder: Path, model: nn.Module, spec: BackboneSpec) -> BackboneSpec:
    """Publish a timm model and its spec into ``folder``; returns the spec with ``weights_sha256``."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    with publish(folder / WEIGHTS_FILE) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    publish_record(
        folder / SPEC_FILE, replace(spec, weights_sha256=file_sha256(folder / WEIGHTS_FILE)).to_json()
    )
    return read_spec(folder)


def load_backbone(
    folder: Path, *, drop_path: float = 0.0, any_size: bool = False
) -> tuple[Backbone, BackboneSpec]:
    """Return the backbone of a weights folder, in eval mode on the CPU, and its spec.

    ``drop_path``: stochastic depth rate while training; models that have none ignore it. ``any_size``: a
    vision transformer takes images of any size and interpolates its position embeddings.
    Raises ArtifactError when the weights file is not the one that the spec was written for.
    """
    spec = read_spec(folder)
    weights = folder / WEIGHTS_FILE
    actual = file_sha256(weights)
    if actual != spec.weights_sha256:
        raise ArtifactError(
            f"{weights}: sha256 {actual} is not the recorded {spec.weights_sha256}; "
            f"delete the folder {folder} and run again"
        )
    model = create_architecture(spec.architecture, spec.model_args, drop_path, any_size=any_size)
    model.load_state_dict(load_file(weights))
    return Backbone(model).eval(), spec


def create_architecture(
    architecture: str, model_args: Settings, drop_path: float = 0.0, *, any_size: bool = False
) -> TimmModel:
    """Return an untrained timm model without classifier; ``drop_path`` and ``any_size`` where it has them."""
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
    """Import timm, with this project's own models among its names."""
    with collector_rests():
        import timm

        import fact.backbones.convnext_stage
        import fact.backbones.vil  # noqa: F401 (both register their models)

    return timm


def _resolve_model(declared: DeclaredBackbone) -> Resolved:
    weights = shipped_file(declared.weights) if declared.weights else None
    if not declared.model.startswith(LOCAL_DIR):
        return Resolved(declared.model, declared.model_args, own_cfg={}, weights=weights)
    folder = Path(declared.model.removeprefix(LOCAL_DIR))
    config = folder / "config.json"
    if not config.is_file():
        raise FileNotFoundError(
            f"backbones.{declared.name}.model: {config} does not exist; "
            f"a local timm folder holds config.json and {WEIGHTS_FILE}"
        )
    record = json.loads(config.read_text("utf-8"))
    if "architecture" not in record:
        raise ConfigError(
            f"backbones.{declared.name}.model: {config} has no `architecture`; take timm's config.json"
        )
    args = {**record.get("model_args", {}), **declared.model_args}
    # timm's older files hold the settings of the weights beside the architecture
    own_cfg = record.get("pretrained_cfg", record)
    return Resolved(record["architecture"], args, own_cfg=own_cfg, weights=weights or folder / WEIGHTS_FILE)


def _create(name: str, resolved: Resolved, *, pretrained: bool) -> TimmModel:
    timm, model = _timm(), resolved.architecture
    if not timm.is_model(model):
        raise ConfigError(f"backbones.{name}.model: timm has no model '{model}'; see timm.list_models()")
    try:
        return timm.create_model(model, pretrained=pretrained, **{**resolved.model_args, "num_classes": 0})
    except Exception as error:
        if not pretrained:
            raise ConfigError(f"backbones.{name}: timm could not build '{model}': {error}") from error
        raise ConfigError(
            f"backbones.{name}: the weights of '{model}' could not be fetched ({error}); run this rule "
            f"where there is a network, or set `model: local-dir:FOLDER` or `weights: FILE`"
        ) from error


def _load_strictly(name: str, model: TimmModel, tensors: Mapping[str, Tensor], path: Path) -> None:
    try:
        model.load_state_dict(_converted(model, tensors))
    except Exception as error:  # timm's conversions of a foreign checkpoint raise whatever they stumble over
        raise ConfigError(
            f"backbones.{name}: {path} does not fit {type(model).__name__}; "
            f"check `model` and `model_args`. {error}"
        ) from error


def _converted(model: TimmModel, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return published tensors under timm's names, float32, without the classifier."""
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
        raise ConfigError(
            f"backbones.{name}.image_size: the model does not take images of side {image_size} ({error}); "
            f"change it, or set model_args: {{img_size: {image_size}}}"
        ) from error


def _classifier_names(model: TimmModel) -> tuple[str, ...]:
    names = model.pretrained_cfg.get("classifier") or "head"
    return tuple(f"{name}." for name in ([names] if isinstance(names, str) else names))


def backbone_spec(declared: DeclaredBackbone, resolved: Resolved, cfg: Settings) -> BackboneSpec:
    """Return the declared values, and where they are None those of the weights or of timm's ``cfg``."""
    cfg, args = {**cfg, **resolved.own_cfg}, resolved.model_args
    return BackboneSpec(
        architecture=resolved.architecture,
        model_args=args,
        image_size=declared.image_size or args.get("img_size") or cfg["input_size"][-1],
        mean=tuple(declared.mean or cfg["mean"]),
        std=tuple(declared.std or cfg["std"]),
        interpolation=declared.interpolation or cfg["interpolation"],
        source=declared.model,
        license=cfg.get("license"),
    )
