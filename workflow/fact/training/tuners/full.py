"""Full finetuning: every parameter of backbone and head is trained (phase 2, FF)."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from fact.backbones.interface import Classifier


@dataclass(frozen=True)
class Settings:
    """Full finetuning has no settings of its own."""


def prepare(classifier: Classifier, settings: Settings) -> nn.Module:
    """Return the classifier itself, with everything trainable."""
    return classifier.requires_grad_(True)


def trained_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return what a checkpoint stores: all parameters and buffers."""
    return model.state_dict()


def restore(classifier: Classifier, settings: Settings, tensors: Mapping[str, Tensor]) -> Classifier:
    """Return the tuned classifier, from a fresh one and a checkpoint's tensors."""
    classifier.load_state_dict(tensors)
    return classifier
