"""Phase 2: build the classifier of a recipe and train it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor, nn

from fact.backbones.compiling import compile_in_place
from fact.backbones.extraction import Normaliser
from fact.backbones.interface import Classifier
from fact.backbones.spec import ImageInput
from fact.device import to_device
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings
from fact.training.augment import augment_images
from fact.training.classifier import Tuner, build_classifier, read_tuner
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.loop import OnRound, is_batchnorm
from fact.training.resume import Resumption
from fact.training.settings import TrainingSettings, read_training
from fact.training.sized_images import SizedImages


@dataclass(frozen=True)
class Recipe:
    """A training and the tuner that says what is trained; ``plain``: as the configuration has it."""

    training: TrainingSettings
    tuner: Tuner
    plain: Settings


@dataclass(frozen=True)
class Start:
    """Where phase 2 starts: a folder of pretrained weights, and a probe's ``weight (K, D)`` and ``bias
    (K,)``.

    ``head`` None: a random head.
    """

    weights: Path
    head: Mapping[str, Tensor] | None = None


def read_recipe(settings: Settings) -> Recipe:
    """Return the recipe of plain flat settings. Raises ConfigError naming the key."""
    return Recipe(read_training(settings), read_tuner(settings), settings)


def build_model(
    start: Start, num_classes: int, recipe: Recipe, seed: int, device: torch.device
) -> tuple[nn.Module, ImageInput]:
    """Return the model that a recipe trains, on the device, and the images that it takes.

    Raises ConfigError for a recipe that the backbone cannot have, RuntimeError where compiling is impossible.
    """
    settings = recipe.training
    torch.manual_seed(seed)
    classifier, spec = build_classifier(start.weights, num_classes, start.head, drop_path=settings.drop_path)
    if start.head is None:
        nn.init.normal_(classifier.head.weight, std=settings.head_std)
        nn.init.zeros_(classifier.head.bias)
    if settings.grad_checkpointing:
        checkpoint_gradients(classifier, settings.freeze_batchnorm)
    model = to_device(recipe.tuner.prepare(classifier), device)
    if settings.compile:
        compile_in_place(model, device)
    return model, spec


def tune_model(
    model: nn.Module,
    data: LabelledInputs,
    recipe: Recipe,
    seed: int,
    *,
    spec: ImageInput,
    on_epoch: OnRound,
    resumption: Resumption | None = None,
) -> None:
    """Tune the model in place on images (N, 3, S, S) uint8 with labels (N,), on its device."""

    normaliser = Normaliser(spec.mean, spec.std, data.labels.device)

    def prepare(batch: Tensor | SizedImages, generator: Generator) -> Tensor:
        return normaliser(augment_images(batch, recipe.training.augmentation, generator))

    batches = EpochBatches(data, recipe.training, seed=seed, prepare=prepare)
    train_epochs(model, batches, recipe.training, on_epoch=on_epoch, resumption=resumption)


def checkpoint_gradients(classifier: Classifier, freeze_batchnorm: bool) -> None:
    """Trade time for memory in the backbone; the gradient stays the same.

    Raises ConfigError for a backbone that cannot, and where batch norm would see every batch twice.
    """
    learns = not freeze_batchnorm and any(map(is_batchnorm, classifier.modules()))
    if learns:
        raise ConfigError("grad_checkpointing needs freeze_batchnorm: true on a backbone with batch norm")
    classifier.backbone.checkpoint_gradients()


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Return the numbers of trainable and of all parameters."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return {"trainable": sum(n for n, grad in sizes if grad), "total": sum(n for n, _ in sizes)}
