"""FACT's phases on a labelled set alone: a probe, a tuned backbone and a head, nothing scored.

``recipe: None`` leaves the backbone as it was pretrained, and fits the head on its frozen features.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fact.backbones.extraction import extract, to_tensor
from fact.backbones.interface import Backbone
from fact.backbones.spec import BackboneSpec, ImageInput
from fact.backbones.weights import load_backbone
from fact.infra.fields import Settings
from fact.model.labelled import LabelledImages
from fact.seeds import derive_seed
from fact.selection.algorithms.threads import one_thread
from fact.training.classifier import build_classifier
from fact.training.computing import Computing
from fact.training.epochs import LabelledInputs
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead
from fact.training.heads.spec import HeadSpec, read_head_spec
from fact.training.log import TrainingLog
from fact.training.probes import Probe, read_probe
from fact.training.recipe import Recipe, Start, build_model, read_recipe, tune_model


@dataclass(frozen=True)
class Phases:
    """Settings of all phases.

    ``recipe``: phase 2's, None for none; ``probe``: phase 1's, None for a random head; ``head``: phase 3's.
    ``precision`` and ``batch_size`` are those of extraction.
    """

    recipe: Recipe | None
    probe: Probe | None
    head: HeadSpec
    precision: str
    batch_size: int


def read_phases(settings: Settings) -> Phases:
    """Return the phases of plain JSON. Raises ConfigError naming the key."""
    recipe, probe = settings["recipe"], settings["probe"]
    return Phases(
        recipe=None if recipe is None else read_recipe(recipe),
        probe=None if probe is None else read_probe(probe),
        head=read_head_spec(settings["head"]),
        precision=settings["precision"],
        batch_size=settings["batch_size"],
    )


@dataclass(frozen=True)
class Fitted:
    """A backbone, adapters merged, and the head on it; what phase 2 trained, and how the head was chosen."""

    backbone: Backbone
    head: Head
    spec: BackboneSpec
    trained: dict[str, Tensor]
    report: dict[str, Any]


def fit_phases(weights: Path, data: LabelledImages, phases: Phases, computing: Computing) -> Fitted:
    """Fit every phase on all images of ``data``; phase 2 keeps its resume state where ``computing`` says."""
    device, seed = computing.device, computing.seed
    backbone, spec = load_backbone(weights)
    start: LinearHead | None = None
    trained: dict[str, Tensor] = {}
    if phases.recipe is not None:
        probe = _probe(backbone, spec, data, phases=phases, computing=computing)
        own = replace(computing, seed=derive_seed(seed, "tune"))
        backbone, start, trained = _tuned(
            Start(weights, probe), spec, data, recipe=phases.recipe, computing=own
        )
    pooled, tokens = _features(backbone, data.scored, spec, phases=phases, device=device)
    features = LabelledFeatures(
        pooled=pooled,
        tokens=tokens,
        labels=torch.from_numpy(data.labels),
        sample_ids=data.sample_ids,
        num_classes=data.num_classes,
    )
    settings = phases.head if start else replace(phases.head, prior="zero")
    with one_thread():
        head, report = fit_head(
            features, settings, derive_seed(seed, "head"), start_head=start, device=device
        )
    report.pop("seconds")
    return Fitted(backbone, head, spec, trained=trained, report=report)


def logits_of(fitted: Fitted, images: np.ndarray, phases: Phases, device: torch.device) -> np.ndarray:
    """Return logits (n, K) float32 of uint8 images (n, S, S, 3)."""
    return fitted.head.logits(
        *_features(fitted.backbone, images, fitted.spec, phases=phases, device=device)
    ).numpy()


def _probe(
    backbone: Backbone, spec: ImageInput, data: LabelledImages, phases: Phases, computing: Computing
) -> dict[str, Tensor] | None:
    """Run phase 1 on frozen pooled vectors; None for a recipe that starts from a random head."""
    if phases.probe is None:
        return None
    pooled, _ = _features(backbone, data.trained, spec, phases=phases, device=computing.device)
    labels, seed = torch.from_numpy(data.labels), derive_seed(computing.seed, "probe")
    placed = (pooled.to(computing.device), labels.to(computing.device))
    with one_thread():
        return phases.probe.fit(*placed, data.sample_ids, data.num_classes, seed)[0].tensors


def _tuned(
    start: Start, spec: BackboneSpec, data: LabelledImages, recipe: Recipe, computing: Computing
) -> tuple[Backbone, LinearHead, dict[str, Tensor]]:
    """Run phase 2: return the tuned backbone, its own linear head, and the tensors that were trained."""
    device, seed, epochs = computing.device, computing.seed, recipe.training.epochs
    images = to_tensor(data.trained, device).contiguous()
    inputs = LabelledInputs(images, torch.from_numpy(data.labels).to(device))
    history = TrainingLog(every=max(1, epochs // 5))
    parts = (recipe.plain, seed, spec.weights_sha256, *inputs, *(start.head or {}).values())
    model, _ = build_model(start, data.num_classes, recipe, seed=seed, device=device)
    tune_model(
        model,
        inputs,
        recipe,
        seed=seed,
        spec=spec,
        on_epoch=lambda epoch, loss: history.add("epoch", epoch, epochs, loss),
        resumption=history.resumption(computing.resume, *parts),
    )
    return _restored(start.weights, model, recipe, num_classes=data.num_classes)


def _restored(
    weights: Path, model: nn.Module, recipe: Recipe, num_classes: int
) -> tuple[Backbone, LinearHead, dict[str, Tensor]]:
    """Return the tuned model with its adapters merged into a fresh classifier, as a checkpoint would be
    read.
    """
    trained = {name: value.detach().cpu() for name, value in recipe.tuner.trained_tensors(model).items()}
    classifier = recipe.tuner.restore(build_classifier(weights, num_classes)[0], trained)
    head = LinearHead(classifier.head.weight.detach().float(), classifier.head.bias.detach().float())
    return classifier.backbone, head, trained


def _features(
    backbone: Backbone, images: np.ndarray, spec: ImageInput, phases: Phases, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return pooled vectors (n, D) and tokens (n, H, W, C) float32 of uint8 images."""
    size = phases.batch_size
    batches = (images[start : start + size] for start in range(0, len(images), size))
    outputs = extract(backbone, batches, spec, device=device, precision=phases.precision, tokens=True)
    pooled, tokens = zip(*outputs, strict=True)
    backbone.cpu()
    return torch.from_numpy(np.concatenate(pooled)), torch.from_numpy(np.concatenate(tokens))
