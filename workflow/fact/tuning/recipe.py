"""Phase 2: build the classifier of a recipe, train it, save what was trained and restore it."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Generator, Tensor, nn

from fact.backbones.interface import Classifier, pooled_dim
from fact.backbones.weights import load_backbone
from fact.features import normalise
from fact.heads.linear import LinearHead
from fact.publish import publish
from fact.tuning.augment import augment
from fact.tuning.loop import OnEpoch, train

TUNERS = ("full", "lora")


def load_tuner(name: str) -> ModuleType:
    """The module of fact.tuning that prepares, saves and restores this kind of tuning."""
    if name not in TUNERS:
        raise ValueError(f"tuner '{name}' is unknown; use one of {', '.join(TUNERS)}")
    return import_module(f"fact.tuning.{name}")


def tune(
    weights: Path,
    images: Tensor,
    labels: Tensor,
    num_classes: int,
    settings: dict,
    seed: int,
    *,
    start: dict[str, Tensor] | None,
    on_epoch: OnEpoch,
    on_model: Callable[[nn.Module], None] = lambda model: None,
) -> nn.Module:
    """Tune a backbone on labelled images and return the model, still in the tuner's own form.

    ``weights``: folder of the pretrained backbone. ``images (N, 3, S, S)`` uint8 and ``labels (N,)`` on the
    training device. ``start``: the probe's ``weight (K, D)`` and ``bias (K,)``; None: a random head.
    ``on_model`` receives the model before training, for evaluations in between.
    """
    torch.manual_seed(seed)
    classifier, spec = build_classifier(weights, num_classes, start, drop_path=settings["drop_path"])
    if start is None:
        nn.init.normal_(classifier.head.weight, std=settings["head_std"])
        nn.init.zeros_(classifier.head.bias)
    model = load_tuner(settings["tuner"]).prepare(classifier, settings)
    model = model.to(images.device, memory_format=torch.channels_last)
    on_model(model)

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        return normalise(augment(batch, settings["augmentation"], generator), spec["mean"], spec["std"])

    train(model, images, labels, settings, seed, prepare=prepare, on_epoch=on_epoch)
    return model


def build_classifier(
    weights: Path, num_classes: int, start: dict[str, Tensor] | None = None, *, drop_path: float = 0.0
) -> tuple[Classifier, dict]:
    """The pretrained backbone with a linear head, random or the given one, and the backbone's spec."""
    backbone, spec = load_backbone(weights, drop_path=drop_path)
    classifier = Classifier(backbone, pooled_dim(backbone, spec["image_size"]), num_classes)
    if start is not None:
        classifier.head.load_state_dict({key: start[key].float() for key in ("weight", "bias")})
    return classifier, spec


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Trainable and total numbers of parameters."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return {"trainable": sum(n for n, grad in sizes if grad), "total": sum(n for n, _ in sizes)}


def save_checkpoint(path: Path, model: nn.Module, settings: dict, about: dict) -> None:
    """Publish the trained tensors as safetensors; ``about`` (plain JSON) and settings are its metadata."""
    tensors = load_tuner(settings["tuner"]).trained_tensors(model)
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    metadata = {"settings": json.dumps(settings, sort_keys=True), "about": json.dumps(about, sort_keys=True)}
    with publish(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


def load_checkpoint(path: Path, weights: Path) -> tuple[Classifier, dict]:
    """The tuned classifier of a checkpoint, adapters merged, on the CPU in eval mode, and its spec.

    Raises ValueError for a damaged checkpoint and for one that was trained from other pretrained weights.
    """
    tensors, settings, about = _read_checkpoint(path)
    classifier, spec = build_classifier(weights, about["num_classes"])
    if about["weights_sha256"] != spec["weights_sha256"]:
        raise ValueError(
            f"{path} was tuned from weights {about['weights_sha256'][:12]}…, not from {weights} "
            f"({spec['weights_sha256'][:12]}…); delete the checkpoint and run again"
        )
    restored = load_tuner(settings["tuner"]).restore(classifier, settings, tensors)
    return restored.eval(), spec


def checkpoint_head(path: Path | str) -> LinearHead:
    """Phase 2's own linear head, read from a checkpoint of any tuner."""
    tensors, _, _ = _read_checkpoint(Path(path))
    weight, bias = (_ending(tensors, f"head.{name}", path) for name in ("weight", "bias"))
    return LinearHead(weight, bias)


def _ending(tensors: dict[str, Tensor], ending: str, path: Path | str) -> Tensor:
    """The classifier's tensor; the backbone's names are longer, adapters only put a prefix before it."""
    found = [name for name in tensors if name.endswith(ending) and ".backbone." not in f".{name}"]
    if len(found) != 1:
        raise ValueError(
            f"{path} holds {len(found)} tensors named …{ending}; delete the checkpoint and run again"
        )
    return tensors[found[0]].float()


def _read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict, dict]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        return tensors, json.loads(metadata["settings"]), json.loads(metadata["about"])
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{path} is no whole checkpoint ({error}); delete it and run again") from error
