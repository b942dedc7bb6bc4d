"""The three phases of segmentation as stages: train, then measure on the test images."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from fact.backbones.state_dict import file_sha256
from fact.backbones.weights import read_spec
from fact.infra.process.clock import Clock
from fact.tasks.segmentation.evaluation import Evaluation, evaluate
from fact.tasks.segmentation.head import choose_strength, train_head
from fact.tasks.segmentation.inputs import Inputs, read_examples
from fact.tasks.segmentation.maps import MapFile
from fact.tasks.segmentation.model import Segmenter, build_segmenter
from fact.tasks.segmentation.model_files import load_head_tensors, load_segmenter
from fact.tasks.segmentation.tune import check_crop, tune
from fact.training.heads.spec import read_frofa
from fact.training.journal import Journal
from fact.training.recipe import count_parameters
from fact.training.resume import ResumePlan


class Outcome(NamedTuple):
    """A trained model (of phases 1 and 3 its head was trained), its test, seconds, and its score's report."""

    model: nn.Module
    evaluation: Evaluation
    seconds: dict[str, float]
    report: dict


def probe(
    weights: Path,
    maps: Path,
    inputs: Inputs,
    settings: dict,
    seed: int,
    device: torch.device,
    plan: ResumePlan,
) -> Outcome:
    """Phase 1: a random head trained on maps of the frozen backbone."""
    torch.manual_seed(seed)
    model, spec = build_segmenter(weights, len(inputs.classes), settings["decoder"])
    check_crop(model.backbone, settings["images"]["crop_size"])
    clock, training = Clock(), settings["training"]
    journal = Journal(clock, "probe", training["iterations"])
    with MapFile(maps, spec["weights_sha256"]) as file, clock.time("train"):
        rows = range(len(file.sample_ids))
        train_head(model.head, file, rows, training, seed, device, journal, plan)
    return _measured(model, inputs, spec, settings, device, clock, journal, _head_parameters(model))


def tune_segmenter(
    weights: Path, start: Path | None, inputs: Inputs, settings: dict, seed: int, device: torch.device,
    plan: ResumePlan,
) -> tuple[Outcome, str]:  # fmt: skip
    """Phase 2: backbone and head tuned on random crops; with the checksum of the pretrained weights."""
    clock = Clock()
    journal = Journal(clock, "tuning", settings["training"]["iterations"])
    with clock.time("decode"):
        examples = read_examples(inputs, device)
    head, spec = None if start is None else load_head_tensors(start), read_spec(weights)
    model = tune(weights, examples, len(inputs.classes), settings, seed, head, device, journal, plan)
    outcome = _measured(model, inputs, spec, settings, device, clock, journal, count_parameters(model))
    return outcome, spec["weights_sha256"]


def refit_head(
    weights: Path, checkpoint: Path, maps: Path, inputs: Inputs, settings: dict, seed: int,
    device: torch.device, plan: ResumePlan,
) -> Outcome:  # fmt: skip
    """Phase 3: phase 2's head trained on, on maps of its backbone augmented by FroFA."""
    model, spec = load_segmenter(checkpoint, weights)
    clock, training, frofa = Clock(), settings["training"], read_frofa(settings["frofa"])
    journal = Journal(clock, "head", training["iterations"])
    with MapFile(maps, file_sha256(checkpoint)) as file:
        with clock.time("search"):
            strength, tried = choose_strength(model.head, file, frofa, settings, seed, device, clock, plan)
        with clock.time("train"):
            rows = range(len(file.sample_ids))
            train_head(model.head, file, rows, training, seed, device, journal, plan, frofa, strength)
    details = {"strength": strength, "tried": tried}
    return _measured(model, inputs, spec, settings, device, clock, journal, _head_parameters(model), details)


def _measured(
    model: nn.Module,
    inputs: Inputs,
    spec: dict,
    settings: dict,
    device: torch.device,
    clock: Clock,
    journal: Journal,
    parameters: dict[str, int],
    details: dict | None = None,
) -> Outcome:
    with clock.time("evaluate"):
        evaluation = evaluate(
            model.to(device),
            inputs.reader,
            inputs.test,
            len(inputs.classes),
            spec,
            device,
            settings["inference"],
        )
    report = {"parameters": parameters, "history": journal.history, "details": details or {}}
    return Outcome(model, evaluation, clock.seconds(), report)


def _head_parameters(model: Segmenter) -> dict[str, int]:
    """Of phases 1 and 3, which train the head alone."""
    head = count_parameters(model.head)["total"]
    return {"trainable": head, "total": count_parameters(model)["total"]}
