"""How large backbones are, what they give, and what each recipe trains of them. No weights are needed."""

from collections.abc import Mapping
from typing import NamedTuple

import torch

from fact.backbones.interface import Backbone, Classifier
from fact.backbones.spec import read_declared
from fact.backbones.weights import untrained_backbone
from fact.commands.planning.backbone_row import BackboneRow
from fact.config.settings import Settings
from fact.training.classifier import read_tuner
from fact.training.recipe import count_parameters


class RecipeRow(NamedTuple):
    """What a recipe trains of a backbone with a head; where it cannot, ``refusal`` says why."""

    name: str
    trainable: int
    total: int
    refusal: str = ""


def backbone_row(name: str, declared: Settings) -> BackboneRow:
    """Return sizes of a declared backbone.

    Raises FileNotFoundError or ConfigError where it cannot be built.
    """
    # on the meta device shapes are computed, numbers are not: neither time nor memory
    with torch.device("meta"), torch.no_grad():
        backbone, spec = untrained_backbone(read_declared(name, declared))
        pooled, tokens = _shapes(backbone, spec.image_size)
    size = count_parameters(backbone)["total"]
    return BackboneRow(name, size, spec.image_size, pooled=pooled, tokens=tokens, license=spec.license)


def recipe_rows(
    name: str, declared: Settings, recipes: Mapping[str, Settings], num_classes: int
) -> list[RecipeRow]:
    """Return what each recipe trains of a declared backbone with a head for ``num_classes`` classes."""
    return [
        _recipe_row(name, declared, recipe, settings=recipes[recipe], num_classes=num_classes)
        for recipe in recipes
    ]


def _recipe_row(
    name: str, declared: Settings, recipe: str, settings: Settings, num_classes: int
) -> RecipeRow:
    with torch.device("meta"):
        backbone, spec = untrained_backbone(read_declared(name, declared))
        with torch.no_grad():
            dim, _ = _shapes(backbone, spec.image_size)
        try:
            model = read_tuner(settings).prepare(Classifier(backbone, dim, num_classes))
        except ValueError as error:
            return RecipeRow(recipe, 0, 0, refusal=str(error))
    counts = count_parameters(model)
    return RecipeRow(recipe, counts["trainable"], counts["total"])


def _shapes(backbone: Backbone, side: int) -> tuple[int, tuple[int, int, int] | None]:
    """Return the length of the pooled vector and shape of the token grid."""
    images = torch.zeros(1, 3, side, side)
    try:
        pooled, tokens = backbone.pooled_and_tokens(images)
    except ValueError:  # the features are no grid
        return backbone(images).shape[1], None
    height, width, channels = tokens.shape[1:]
    return pooled.shape[1], (height, width, channels)
