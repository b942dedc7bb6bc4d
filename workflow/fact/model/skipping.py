"""Recipes that need not be tried on a backbone, since another one is known to be better."""

from pathlib import Path

from torch import nn

from fact.backbones.weights import load_backbone
from fact.model.phases import Phases
from fact.training.tuners import lora


def reason_to_skip(weights: Path, phases: Phases) -> str:
    """Return why a recipe is not worth its time where full finetuning is tried; empty if it is.

    LoRA on a network of convolutions: 1 to 5 points below full finetuning in all cells measured, and as slow
    (docs/lab/cifar10_images.md, docs/models.md).
    """
    recipe = phases.recipe
    if recipe is None or not isinstance(recipe.tuner.settings, lora.Settings):
        return ""
    backbone, _ = load_backbone(weights)
    if any(isinstance(layer, nn.Linear) for layer in backbone.modules()):
        return ""
    return "LoRA on a convolutional network is below full finetuning and as slow"
