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
from fact.infra.needed import needed
from fact.model.labelled import LabelledImages
from fact.model.pool_part import PoolPart, surest_images
from fact.seeds import derive_seed
from fact.selection.algorithms.threads import one_thread
from fact.training.classifier import build_classifier
from fact.training.computing import Computing
from fact.training.epochs import LabelledInputs
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.head import Head, pooled_head
from fact.training.heads.linear import LinearHead
from fact.training.heads.pool_fit import PoolImages
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
class Tuned:
    """What phases 1 and 2 have made: a backbone, adapters merged, and phase 2's own head (None without one).

    ``trained``: the tensors that phase 2 trained. ``phases`` are the settings.
    """

    backbone: Backbone
    spec: BackboneSpec
    start: LinearHead | None
    trained: dict[str, Tensor]
    phases: Phases

    def features(self, images: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return pooled vectors (n, D) and tokens (n, H, W, C) float32 of uint8 images (n, S, S, 3)."""
        return _features(self.backbone, images, self.spec, phases=self.phases, device=device)

    def pooled(self, images: np.ndarray, device: torch.device) -> np.ndarray:
        """Return pooled vectors (n, D) float32 of uint8 images (n, S, S, 3)."""
        return _outputs(self.backbone, images, self.spec, self.phases, device, tokens=False)[0]


@dataclass(frozen=True)
class Fitted:
    """A backbone, adapters merged, and the head on it; what phase 2 trained, and how the head was chosen."""

    backbone: Backbone
    head: Head
    spec: BackboneSpec
    trained: dict[str, Tensor]
    report: dict[str, Any]


def tune_phases(weights: Path, data: LabelledImages, phases: Phases, computing: Computing) -> Tuned:
    """Run phases 1 and 2 on all images; phase 2 keeps its resume state where ``computing`` says."""
    backbone, spec = load_backbone(weights)
    if phases.recipe is None:
        return Tuned(backbone, spec, None, trained={}, phases=phases)
    probe = _probe(backbone, spec, data, phases=phases, computing=computing)
    own = replace(computing, seed=derive_seed(computing.seed, "tune"))
    backbone, start, trained = _tuned(Start(weights, probe), spec, data, recipe=phases.recipe, computing=own)
    return Tuned(backbone, spec, start, trained=trained, phases=phases)


def fit_phases(
    weights: Path,
    data: LabelledImages,
    phases: Phases,
    computing: Computing,
    pool: PoolPart | None = None,
) -> Fitted:
    """Fit every phase on all images of ``data``, and on part of the pool in phase 3 if it is given."""
    tuned = tune_phases(weights, data, phases, computing)
    features = labelled_features(tuned, data, computing.device)
    head, report = fit_last_phase(tuned, features, computing, pool)
    report.pop("seconds")
    return Fitted(tuned.backbone, head, tuned.spec, trained=tuned.trained, report=report)


def labelled_features(tuned: Tuned, data: LabelledImages, device: torch.device) -> LabelledFeatures:
    """Return what phase 3 is fitted on: features of the labelled images, as scored."""
    pooled, tokens = tuned.features(data.scored, device)
    return LabelledFeatures(
        pooled,
        tokens,
        torch.from_numpy(data.labels),
        sample_ids=data.sample_ids,
        num_classes=data.num_classes,
        groups=data.numbers,
    )


def fit_last_phase(
    tuned: Tuned, features: LabelledFeatures, computing: Computing, pool: PoolPart | None = None
) -> tuple[Head, dict[str, Any]]:
    """Fit phase 3's head and report on it. ``pool``: unlabelled images that its choice may rest on."""
    spec, start = tuned.phases.head, tuned.start
    settings = spec if start else replace(spec, prior="zero")
    seed, device = derive_seed(computing.seed, "head"), computing.device
    with one_thread():
        images = _surest(tuned, features, pool, computing) if pool else None
        return fit_head(features, settings, seed, start_head=start, device=device, pool=images)


def _surest(tuned: Tuned, features: LabelledFeatures, pool: PoolPart, computing: Computing) -> PoolImages:
    """Return the surest images of the pool's part, by phase 2's head, or without phase 2 by a probe."""
    share = needed(tuned.phases.head.pool, "a head's share of the pool")
    vectors, head = pool.vectors, tuned.start and pooled_head(tuned.start)
    if vectors is None:
        vectors = tuned.pooled(needed(pool.images, "images of the pool"), computing.device)
    if head is None:
        own = tuned.phases.head
        probe = HeadSpec("lr", transform="cv", C_grid=own.C_grid, folds=own.folds, fallback_C=share.C)
        head, _ = fit_head(features, probe, derive_seed(computing.seed, "pool"))
    return surest_images(features, vectors, head, pool.propagation, share.per_class)


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
        return phases.probe.fit(*placed, data.sample_ids, data.num_classes, seed, data.numbers)[0].tensors


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
    pooled, tokens = _outputs(backbone, images, spec, phases, device, tokens=True)
    return torch.from_numpy(pooled), torch.from_numpy(tokens)


def _outputs(
    backbone: Backbone,
    images: np.ndarray,
    spec: ImageInput,
    phases: Phases,
    device: torch.device,
    *,
    tokens: bool,
) -> list[np.ndarray]:
    size = phases.batch_size
    batches = (images[start : start + size] for start in range(0, len(images), size))
    outputs = extract(backbone, batches, spec, device=device, precision=phases.precision, tokens=tokens)
    parts = zip(*outputs, strict=True)
    backbone.cpu()
    return [np.concatenate(part) for part in parts if part[0] is not None]
