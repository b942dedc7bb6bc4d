"""Phase 2 for segmentation: the backbone tuned with its head on random crops of the labelled images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from fact.device import to_device
from fact.infra.errors import ConfigError
from fact.tasks.segmentation.batches import sample_crops
from fact.tasks.segmentation.crops import Example
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.iterations import train_iterations
from fact.tasks.segmentation.model import build_segmenter, load_head_tensors
from fact.tasks.segmentation.settings import StageSettings
from fact.training.computing import Computing
from fact.training.log import TrainingLog


def tune_segmenter(
    weights: Path,
    start: Mapping[str, Tensor] | None,
    examples: Sequence[Example],
    num_classes: int,
    settings: StageSettings,
    computing: Computing,
    history: TrainingLog,
) -> nn.Module:
    """Tune on labelled examples; returns the model on the device, in the tuner's own form.

    ``start``: tensors of phase 1's head; None: a random head.
    Raises ConfigError for a recipe or size that the backbone cannot have.
    """
    training, tuner, seed = settings.training, settings.tuner, computing.seed
    torch.manual_seed(seed)
    segmenter, spec = build_segmenter(weights, num_classes, settings.decoder, drop_path=training.drop_path)
    check_crop(segmenter.backbone, settings.crops.crop_size)
    if start is not None:
        load_head_tensors(segmenter, start)
    model = to_device(tuner.prepare(segmenter), computing.device)
    images = [tensor for example in examples for tensor in example]
    with history.clock.time("train"):
        train_iterations(
            model,
            sample_crops(examples, spec, crops=settings.crops, batch_size=training.batch_size, seed=seed),
            settings=training,
            computing=computing,
            history=history,
            fingerprint=(settings.plain, seed, spec.weights_sha256, *images, *(start or {}).values()),
        )
    return model


def check_crop(backbone: FeaturePyramid, side: int) -> None:
    """Raise ConfigError for a side of crops that the backbone cannot divide into cells."""
    if side % backbone.stride:
        above = -(-side // backbone.stride) * backbone.stride
        raise ConfigError(
            f"crop_size: {side} is no multiple of {backbone.stride}, the stride of this backbone; use {above}"
        )
