"""The classifier that phase 2 tunes, and the modules that prepare, save and restore it."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from torch import Tensor

from fact.backbones.interface import Classifier, pooled_dim
from fact.backbones.weights import load_backbone

TUNERS = ("full", "lora", "prompts", "prefix")


def load_tuner(name: str) -> ModuleType:
    """The module of fact.training that prepares, saves and restores this kind of tuning."""
    if name not in TUNERS:
        raise ValueError(f"tuner '{name}' is unknown; use one of {', '.join(TUNERS)}")
    return import_module(f"fact.training.tuners.{name}")


def build_classifier(
    weights: Path, num_classes: int, start: dict[str, Tensor] | None = None, *, drop_path: float = 0.0
) -> tuple[Classifier, dict]:
    """The pretrained backbone with a linear head, random or the given one, and the backbone's spec."""
    backbone, spec = load_backbone(weights, drop_path=drop_path)
    classifier = Classifier(backbone, pooled_dim(backbone, spec["image_size"]), num_classes)
    if start is not None:
        classifier.head.load_state_dict({key: start[key].float() for key in ("weight", "bias")})
    return classifier, spec
