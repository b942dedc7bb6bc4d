"""Phase 2: build the classifier of a recipe and train it."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from fact.features import normalise
from fact.tuning.augment import augment
from fact.tuning.classifier import build_classifier, load_tuner
from fact.tuning.loop import OnEpoch, train
from fact.tuning.resume import Resumption


def tune(
    weights: Path,
    images: Tensor,
    labels: Tensor,
    num_classes: int,
    settings: dict,
    seed: int,
    *,
    start: dict[str, Tensor] | None,
    on_epoch: OnEpoch,
    on_model: Callable[[nn.Module], None] = lambda model: None,
    resumption: Resumption | None = None,
) -> nn.Module:
    """Tune a backbone on labelled images and return the model, still in the tuner's own form.

    ``weights``: folder of the pretrained backbone. ``images (N, 3, S, S)`` uint8 and ``labels (N,)`` on the
    training device. ``start``: the probe's ``weight (K, D)`` and ``bias (K,)``; None: a random head.
    ``on_model`` receives the model before training, for evaluations in between.
    """
    torch.manual_seed(seed)
    classifier, spec = build_classifier(weights, num_classes, start, drop_path=settings["drop_path"])
    if start is None:
        nn.init.normal_(classifier.head.weight, std=settings["head_std"])
        nn.init.zeros_(classifier.head.bias)
    model = load_tuner(settings["tuner"]).prepare(classifier, settings)
    model = model.to(images.device, memory_format=torch.channels_last)
    on_model(model)

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        return normalise(augment(batch, settings["augmentation"], generator), spec["mean"], spec["std"])

    train(model, images, labels, settings, seed, prepare=prepare, on_epoch=on_epoch, resumption=resumption)
    return model


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Trainable and total numbers of parameters."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return {"trainable": sum(n for n, grad in sizes if grad), "total": sum(n for n, _ in sizes)}
