"""The three phases of segmentation as stages: train, then measure on the test images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, cast

import torch
from torch import nn

from fact.backbones.spec import ImageInput, read_spec
from fact.device import precision_used
from fact.infra.fields import Settings
from fact.infra.files.sha256 import file_sha256
from fact.infra.needed import needed
from fact.tasks.publish import Outcome
from fact.tasks.segmentation.batches import MapRows
from fact.tasks.segmentation.evaluation import Evaluation, evaluate
from fact.tasks.segmentation.head import choose_strength, train_head
from fact.tasks.segmentation.inputs import Inputs, read_examples
from fact.tasks.segmentation.maps import MapFile
from fact.tasks.segmentation.model import Segmenter, build_segmenter
from fact.tasks.segmentation.model_files import load_segmenter, read_segmentation_head
from fact.tasks.segmentation.score import segmentation_metrics
from fact.tasks.segmentation.settings import HeadSearch, StageSettings
from fact.tasks.segmentation.tune import check_crop, tune_segmenter
from fact.training.computing import Computing
from fact.training.log import TrainingLog
from fact.training.recipe import Start, count_parameters


@dataclass(frozen=True)
class Segmented:
    """A trained model (of phases 1 and 3 its head was trained), its test, and the outcome of the stage."""

    model: nn.Module
    evaluation: Evaluation
    outcome: Outcome


def run_probe(
    weights: Path, maps: Path, inputs: Inputs, settings: StageSettings, computing: Computing
) -> Segmented:
    """Train a random head on maps of the frozen backbone, and measure it (phase 1)."""
    torch.manual_seed(computing.seed)
    model, spec = build_segmenter(weights, len(inputs.classes), settings.decoder)
    check_crop(model.backbone, settings.crops.crop_size)
    history = TrainingLog(label="probe: ")
    made_by = needed(spec.weights_sha256, "sha256 of the weights")
    with MapFile(maps, made_by) as file, history.clock.time("train"):
        rows = MapRows(file, range(len(file.sample_ids)))
        train_head(model.head, rows, training=settings.training, computing=computing, history=history)
    trained = Trained(model, spec, history=history, parameters=_head_parameters(model))
    return _measured(trained, inputs, settings=settings, device=computing.device)


def run_tuning(start: Start, inputs: Inputs, settings: StageSettings, computing: Computing) -> Segmented:
    """Tune backbone and head on random crops, and measure them (phase 2)."""
    history = TrainingLog(label="tuning: ")
    with history.clock.time("decode"):
        examples = read_examples(inputs, computing.device)
    model = tune_segmenter(
        start.weights,
        start.head,
        examples,
        num_classes=len(inputs.classes),
        settings=settings,
        computing=computing,
        history=history,
    )
    spec = read_spec(start.weights)
    trained = Trained(model, spec, history=history, parameters=count_parameters(model))
    return _measured(trained, inputs, settings=settings, device=computing.device)


def run_refit(
    start: tuple[Path, Path],
    maps: Path,
    inputs: Inputs,
    settings: StageSettings,
    search: HeadSearch,
    computing: Computing,
) -> Segmented:
    """Phase 3: train phase 2's head on, on maps of its backbone augmented by FroFA, and measure it.

    ``start``: folder of the pretrained weights, and phase 2's checkpoint.
    """
    weights, checkpoint = start
    model, spec = load_segmenter(checkpoint, weights)
    history = TrainingLog(label="head: ")
    with MapFile(maps, file_sha256(checkpoint)) as file:
        with history.clock.time("search"):
            strength, tried = choose_strength(model.head, file, search=search, computing=computing)
        with history.clock.time("train"):
            rows = MapRows(file, range(len(file.sample_ids)), frofa=search.frofa, strength=strength)
            train_head(model.head, rows, training=settings.training, computing=computing, history=history)
    details = {"strength": strength, "tried": tried}
    trained = Trained(model, spec, history=history, parameters=_head_parameters(model), details=details)
    return _measured(trained, inputs, settings=settings, device=computing.device)


def read_start(weights: Path, head: Path | None) -> Start:
    """Return where phase 2 starts: the pretrained weights, and phase 1's head or None for a random one."""
    return Start(weights, None if head is None else read_segmentation_head(head))


class Trained(NamedTuple):
    """A trained model with its backbone's input, the log of its training, and what its score tells of it."""

    model: nn.Module
    spec: ImageInput
    history: TrainingLog
    parameters: Mapping[str, int]
    details: Settings = MappingProxyType({})


def _measured(trained: Trained, inputs: Inputs, settings: StageSettings, device: torch.device) -> Segmented:
    """Evaluate a trained model on the test images; returns it with the outcome of its stage."""
    model, clock = trained.model.to(device), trained.history.clock
    with clock.time("evaluate"):
        # PEFT's wrapper hands on the segmenter's attributes
        segmenter = cast("Segmenter", model)
        evaluation = evaluate(
            segmenter, inputs, spec=trained.spec, device=device, settings=settings.inference
        )
    stages = {"training": settings.training.precision, "scoring": settings.inference.precision}
    used = {
        stage: precision_used(device, precision, training=stage == "training")
        for stage, precision in stages.items()
    }
    outcome = Outcome(
        metrics=segmentation_metrics(evaluation.matrix, inputs.classes, inputs.seen),
        test_images=len(inputs.test),
        parameters=trained.parameters,
        seconds=clock.seconds(),
        history=trained.history.history,
        details={**trained.details, "precision_used": used},
    )
    return Segmented(model, evaluation, outcome)


def _head_parameters(model: Segmenter) -> dict[str, int]:
    """Return the counts of phases 1 and 3, which train the head alone."""
    head = count_parameters(model.head)["total"]
    return {"trainable": head, "total": count_parameters(model)["total"]}
