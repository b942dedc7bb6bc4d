"""Phase 2: build the classifier of a recipe and train it."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from fact.backbones.compiling import compile_in_place
from fact.backbones.extraction import normalise
from fact.backbones.interface import Classifier
from fact.training.augment import augment
from fact.training.classifier import build_classifier, load_tuner
from fact.training.loop import OnEpoch, is_batchnorm, train
from fact.training.resume import Resumption


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
    Raises ValueError for a recipe that the backbone cannot have, RuntimeError where compiling is impossible.
    """
    torch.manual_seed(seed)
    classifier, spec = build_classifier(weights, num_classes, start, drop_path=settings["drop_path"])
    if start is None:
        nn.init.normal_(classifier.head.weight, std=settings["head_std"])
        nn.init.zeros_(classifier.head.bias)
    if settings["grad_checkpointing"]:
        checkpoint_gradients(classifier, settings["freeze_batchnorm"])
    model = load_tuner(settings["tuner"]).prepare(classifier, settings)
    model = model.to(images.device, memory_format=torch.channels_last)
    if settings["compile"]:
        compile_in_place(model, images.device)
    on_model(model)

    def prepare(batch: Tensor, generator: Generator) -> Tensor:
        return normalise(augment(batch, settings["augmentation"], generator), spec["mean"], spec["std"])

    train(model, images, labels, settings, seed, prepare=prepare, on_epoch=on_epoch, resumption=resumption)
    return model


def checkpoint_gradients(classifier: Classifier, freeze_batchnorm: bool) -> None:
    """Trade time for memory in the backbone; the gradient stays the same.

    Raises ValueError for a backbone that cannot, and where batch norm would see every batch twice.
    """
    learns = not freeze_batchnorm and any(map(is_batchnorm, classifier.modules()))
    if learns:
        raise ValueError("grad_checkpointing needs freeze_batchnorm: true on a backbone with batch norm")
    classifier.backbone.checkpoint_gradients()


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Trainable and total numbers of parameters."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return {"trainable": sum(n for n, grad in sizes if grad), "total": sum(n for n, _ in sizes)}
