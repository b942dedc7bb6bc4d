"""How large segmentation models are, counted on models without weights."""

from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fact.backbones.interface import Backbone
from fact.backbones.spec import read_declared
from fact.backbones.weights import create_architecture, untrained_backbone
from fact.config.settings import Settings
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.model import Segmenter
from fact.tasks.segmentation.settings import read_decoder
from fact.training.classifier import read_tuner
from fact.training.recipe import count_parameters


class SegmenterSize(NamedTuple):
    """Of one crop: operations of a forward pass of backbone and head, values of maps and mask; parameters."""

    backbone: float
    head: float
    map_values: int
    head_parameters: int


def segmenter_size(
    name: str, declared: Settings, classes: int, decoder: Settings, crop: int
) -> SegmenterSize:
    """Return the size of a declared backbone with a head, for crops of this side.

    Raises FileNotFoundError or ConfigError where there is no such model.
    """
    # on the meta device shapes and operations are known, numbers are not: neither time nor memory
    with torch.device("meta"), torch.no_grad():
        model = _untrained(name, declared, classes, decoder=decoder)
        with FlopCounterMode(display=False) as backbone:
            levels = model.backbone(torch.zeros(1, 3, crop, crop))
        with FlopCounterMode(display=False) as head:
            model.head(levels)
    values = sum(level.numel() for level in levels) + crop**2
    return SegmenterSize(
        float(backbone.get_total_flops()),
        float(head.get_total_flops()),
        map_values=values,
        head_parameters=count_parameters(model.head)["total"],
    )


def tuned_parameters(name: str, declared: Settings, classes: int, decoder: Settings, recipe: Settings) -> int:
    """Return what a recipe trains of a declared backbone with a head."""
    with torch.device("meta"):
        model: nn.Module = _untrained(name, declared, classes, decoder=decoder)
        model = read_tuner(recipe).prepare(model)
    return count_parameters(model)["trainable"]


def _untrained(name: str, declared: Settings, classes: int, decoder: Settings) -> Segmenter:
    _, spec = untrained_backbone(read_declared(name, declared))
    backbone = Backbone(create_architecture(spec.architecture, spec.model_args, any_size=True))
    pyramid = FeaturePyramid(backbone)
    head = Decoder(pyramid.channels, pyramid.plain, classes, settings=read_decoder(decoder))
    return Segmenter(pyramid, head).eval()
