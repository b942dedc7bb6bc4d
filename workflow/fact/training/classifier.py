"""The classifier that phase 2 tunes, and the modules that prepare, save and restore it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from torch import Tensor, nn

from fact.backbones.interface import Classifier, pooled_dim
from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import load_backbone
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings, read_fields

TUNERS = ("full", "lora", "prompts", "prefix")


Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True)
class Tuner:
    """A kind of tuning, a module of :mod:`fact.training.tuners`, with that module's own settings."""

    module: ModuleType
    settings: object

    def prepare(self, model: nn.Module) -> nn.Module:
        """Return the model with what is to be trained trainable.

        Raises ConfigError where it cannot be tuned so.
        """
        return self.module.prepare(model, self.settings)

    def trained_tensors(self, model: nn.Module) -> dict[str, Tensor]:
        """Return what a checkpoint stores of a prepared model."""
        return self.module.trained_tensors(model)

    def restore(self, model: Model, tensors: Mapping[str, Tensor]) -> Model:
        """Return the tuned model in eval mode, from a fresh one and a checkpoint's tensors."""
        return self.module.restore(model, self.settings, tensors).eval()


def read_tuner(recipe: Settings) -> Tuner:
    """Return the tuner of a recipe's flat settings.

    Raises ConfigError for an unknown one or a missing key.
    """
    name = recipe["tuner"]
    if name not in TUNERS:
        raise ConfigError(f"tuner '{name}' is unknown; use one of {', '.join(TUNERS)}")
    module = import_module(f"fact.training.tuners.{name}")
    return Tuner(module, read_fields(module.Settings, recipe, f"recipe of tuner {name}"))


def build_classifier(
    weights: Path, num_classes: int, start: Mapping[str, Tensor] | None = None, *, drop_path: float = 0.0
) -> tuple[Classifier, BackboneSpec]:
    """Return the pretrained backbone with a linear head, random or the given one, and the backbone's spec."""
    backbone, spec = load_backbone(weights, drop_path=drop_path)
    classifier = Classifier(backbone, pooled_dim(backbone, spec.image_size), num_classes)
    if start is not None:
        classifier.head.load_state_dict({key: start[key].float() for key in ("weight", "bias")})
    return classifier, spec
