"""Phase 2 for segmentation: the backbone tuned with its head on random crops of the labelled images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from fact.tasks.segmentation.batches import crops_of
from fact.tasks.segmentation.crops import Example
from fact.tasks.segmentation.feature_pyramid import Levels
from fact.tasks.segmentation.loop import train
from fact.tasks.segmentation.model import build_segmenter, load_head
from fact.training.classifier import load_tuner
from fact.training.journal import Journal
from fact.training.resume import ResumePlan

TUNERS = ("full", "lora")


def tune(
    weights: Path,
    examples: Sequence[Example],
    num_classes: int,
    settings: dict,
    seed: int,
    start: Mapping[str, Tensor] | None,
    device: torch.device,
    journal: Journal,
    plan: ResumePlan,
) -> nn.Module:
    """Tune on labelled examples; returns the model on the device, in the tuner's own form.

    ``settings``: ``decoder``, ``images`` (crops), ``training`` (a recipe). ``start``: tensors of phase 1's
    head; None: a random head.
    Raises ValueError for a recipe or size that the backbone cannot have.
    """
    training = settings["training"]
    if training["tuner"] not in TUNERS:
        raise ValueError(f"tuner: {training['tuner']} does not segment; use {' or '.join(TUNERS)}")
    torch.manual_seed(seed)
    drop_path = training["drop_path"]
    segmenter, spec = build_segmenter(weights, num_classes, settings["decoder"], drop_path=drop_path)
    check_crop(segmenter.backbone, settings["images"]["crop_size"])
    if start is not None:
        load_head(segmenter, start)
    model = load_tuner(training["tuner"]).prepare(segmenter, training)
    model = model.to(device, memory_format=torch.channels_last)
    images = [tensor for example in examples for tensor in example]
    course = (settings, seed, spec["weights_sha256"], *images, *(start or {}).values())
    with journal.clock.time("train"):
        train(
            model,
            crops_of(examples, spec, {**settings["images"], "batch_size": training["batch_size"]}, seed),
            training,
            seed,
            device,
            on_report=journal.on_report,
            resumption=journal.resumption(plan, *course),
        )
    return model


def check_crop(backbone: Levels, side: int) -> None:
    """Raise ValueError for a side of crops that the backbone cannot divide into cells."""
    if side % backbone.stride:
        above = -(-side // backbone.stride) * backbone.stride
        raise ValueError(
            f"crop_size: {side} is no multiple of {backbone.stride}, the stride of this backbone; use {above}"
        )
