"""FACT's phases on a labelled set alone: a probe, a tuned backbone and a head, nothing scored.

``recipe: None`` leaves the backbone as it was pretrained, and fits the head on its frozen features.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fact.backbones.extraction import extract, to_tensor
from fact.backbones.interface import Backbone
from fact.backbones.weights import load_backbone
from fact.infra.process.progress import log
from fact.model.labelled_images import LabelledImages
from fact.seeds import derive_seed
from fact.selection.algorithms.threads import one_thread
from fact.training.classifier import build_classifier, load_tuner
from fact.training.heads.fit import fit_head
from fact.training.heads.head import Head
from fact.training.heads.linear import LinearHead
from fact.training.probes import load_probe
from fact.training.recipe import tune
from fact.training.resume import ResumeFile, ResumePlan, Resumption, resume_key


@dataclass(frozen=True)
class Phases:
    """Settings of all phases, as the configuration has them.

    ``recipe``: phase 2's training, None for none; ``probe``: phase 1's, None for a random head; ``head``:
    phase 3's. ``precision`` and ``batch_size`` are those of extraction.
    """

    recipe: dict | None
    probe: dict | None
    head: dict
    precision: str
    batch_size: int


@dataclass(frozen=True)
class Fitted:
    """A backbone, adapters merged, and the head on it; what phase 2 trained, and how the head was chosen."""

    backbone: Backbone
    head: Head
    spec: dict
    trained: dict[str, Tensor]
    report: dict


def fit_phases(
    weights: Path,
    data: LabelledImages,
    phases: Phases,
    seed: int,
    device: torch.device,
    plan: ResumePlan | None = None,
) -> Fitted:
    """Fit every phase on all images of ``data``. ``plan``: where phase 2 keeps its resume state."""
    backbone, spec = load_backbone(weights)
    start, trained = None, {}
    if phases.recipe is not None:
        probe = _probe(backbone, spec, data, phases, seed, device)
        backbone, start, trained = _tuned(weights, spec, data, phases, probe, seed, device, plan)
    pooled, tokens = _features(backbone, data.scored, spec, phases, device)
    settings = phases.head if start else {**phases.head, "prior": "zero"}
    with one_thread():
        head, report = fit_head(
            pooled,
            tokens,
            torch.from_numpy(data.labels),
            data.sample_ids,
            data.num_classes,
            spec=settings,
            seed=derive_seed(seed, "head"),
            start_head=start,
        )
    report.pop("seconds")
    return Fitted(backbone, head, spec, trained, report)


def logits_of(fitted: Fitted, images: np.ndarray, phases: Phases, device: torch.device) -> np.ndarray:
    """Logits (n, K) float32 of uint8 images (n, S, S, 3)."""
    return fitted.head.logits(*_features(fitted.backbone, images, fitted.spec, phases, device)).numpy()


def _probe(
    backbone: Backbone, spec: dict, data: LabelledImages, phases: Phases, seed: int, device: torch.device
) -> dict[str, Tensor] | None:
    """Phase 1 on frozen pooled vectors; None for a recipe that starts from a random head."""
    if phases.probe is None:
        return None
    pooled, _ = _features(backbone, data.trained, spec, phases, device)
    labels = torch.from_numpy(data.labels)
    fit_probe = load_probe(phases.probe["kind"]).fit_probe
    seed = derive_seed(seed, "probe")
    with one_thread():
        return fit_probe(pooled, labels, data.sample_ids, data.num_classes, phases.probe, seed)[0].tensors


def _tuned(
    weights: Path,
    spec: dict,
    data: LabelledImages,
    phases: Phases,
    probe: dict[str, Tensor] | None,
    seed: int,
    device: torch.device,
    plan: ResumePlan | None,
) -> tuple[Backbone, LinearHead, dict[str, Tensor]]:
    """Phase 2: the tuned backbone, its own linear head, and the tensors that were trained."""
    settings, seed = phases.recipe, derive_seed(seed, "tune")
    images, labels = to_tensor(data.trained, device).contiguous(), torch.from_numpy(data.labels).to(device)
    inputs = (spec["weights_sha256"], images, labels, *(probe or {}).values())
    model = tune(
        weights,
        images,
        labels,
        data.num_classes,
        settings,
        seed,
        start=probe,
        on_epoch=_log(settings["epochs"]),
        resumption=plan and _resumption(plan, resume_key(plan.code, settings, seed, *inputs)),
    )
    return _restored(weights, model, settings, data.num_classes)


def _restored(
    weights: Path, model: nn.Module, settings: dict, num_classes: int
) -> tuple[Backbone, LinearHead, dict[str, Tensor]]:
    """The tuned model with its adapters merged into a fresh classifier, as a checkpoint would be read."""
    tuner = load_tuner(settings["tuner"])
    trained = {name: value.detach().cpu() for name, value in tuner.trained_tensors(model).items()}
    classifier = tuner.restore(build_classifier(weights, num_classes)[0], settings, trained).eval()
    head = LinearHead(classifier.head.weight.detach().float(), classifier.head.bias.detach().float())
    return classifier.backbone, head, trained


def _features(
    backbone: Backbone, images: np.ndarray, spec: dict, phases: Phases, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Pooled vectors (n, D) and tokens (n, H, W, C) float32 of uint8 images."""
    size = phases.batch_size
    batches = (images[start : start + size] for start in range(0, len(images), size))
    outputs = extract(backbone, batches, spec, device, precision=phases.precision, tokens=True)
    pooled, tokens = zip(*outputs, strict=True)
    backbone.cpu()
    return torch.from_numpy(np.concatenate(pooled)), torch.from_numpy(np.concatenate(tokens))


def _resumption(plan: ResumePlan, key: str) -> Resumption:
    return Resumption(ResumeFile(plan.path, key), plan.every, plan.stop)


def _log(epochs: int):  # noqa: ANN202 (a function of epoch and loss)
    def on_epoch(epoch: int, loss: float) -> None:
        if (epoch + 1) % max(1, epochs // 5) == 0:
            log(f"epoch {epoch + 1} of {epochs}: loss {loss:.4f}")

    return on_epoch
