"""Phase 2 as a stage: decode, tune, evaluate when asked, and account for the time of each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from fact.backbones.extraction import run_batches, to_tensor
from fact.backbones.memory import fits_device
from fact.backbones.spec import ImageInput, read_spec
from fact.data.image_reader import labels_of
from fact.device import precision_used
from fact.infra.fields import Settings, read_fields
from fact.tasks.classification.score import classification_metrics, top1
from fact.tasks.classification.scored_images import ScoredImages
from fact.tasks.publish import Outcome
from fact.training.computing import Computing
from fact.training.epochs import LabelledInputs
from fact.training.log import TrainingLog
from fact.training.recipe import Recipe, Start, build_model, count_parameters, read_recipe, tune_model
from fact.training.sized_images import SizedImages, pack_images


@dataclass(frozen=True)
class Evaluation:
    """After which epochs (0-based) the test images are scored, and how: precision, batch size, geometry."""

    epochs: tuple[int, ...]
    precision: str
    batch_size: int
    transform: str


@dataclass(frozen=True)
class TuningSettings:
    """A recipe and its evaluation; ``plain``: all settings of the stage as the rule hands them over."""

    recipe: Recipe
    evaluation: Evaluation
    plain: Settings


@dataclass(frozen=True)
class TuningImages:
    """Manifest rows of the labelled images, the test images with their reader, and the number of classes."""

    labelled: pd.DataFrame
    test: ScoredImages
    num_classes: int


def read_tuning(settings: Settings) -> TuningSettings:
    """Return the settings of plain JSON with ``training`` and ``evaluation``.

    Raises ConfigError naming the key.
    """
    evaluation = read_fields(Evaluation, settings["evaluation"], "evaluation")
    return TuningSettings(read_recipe(settings["training"]), evaluation, settings)


def tune_and_evaluate(
    start: Start, images: TuningImages, settings: TuningSettings, computing: Computing
) -> tuple[nn.Module, Outcome]:
    """Tune on the labelled rows; returns the model, and its outcome on the test rows after the last epoch.

    The history holds the loss of every epoch and the accuracy of the scored ones.
    """
    history, device = TrainingLog(), computing.device
    clock, spec, recipe = history.clock, read_spec(start.weights), settings.recipe
    labels = labels_of(images.test.rows)
    logits: list[np.ndarray] = []
    with clock.time("decode"):
        pixels = labelled_images(images, recipe.training.augmentation.source_scale, spec, device=device)
    data = LabelledInputs(pixels, torch.from_numpy(labels_of(images.labelled)).to(device))
    # imports and weights, which are no training, last until there is a model
    with clock.time("load"):
        model, _ = build_model(start, images.num_classes, recipe=recipe, seed=computing.seed, device=device)

    def on_epoch(epoch: int, loss: float) -> None:
        scores = {}
        if epoch in settings.evaluation.epochs:
            with clock.time("evaluate"):
                logits[:] = [logits_of_test(model, images.test, spec, settings.evaluation, device=device)]
            scores["top1"] = top1(logits[0], labels)
        history.add("epoch", epoch, recipe.training.epochs, loss, **scores)

    tensors = (pixels.pixels, pixels.sizes) if isinstance(pixels, SizedImages) else (pixels,)
    inputs = (spec.weights_sha256, *tensors, data.labels, *(start.head or {}).values())
    resumption = history.resumption(computing.resume, settings.plain, computing.seed, *inputs)
    with clock.time("train"):
        tune_model(
            model,
            data,
            recipe=recipe,
            seed=computing.seed,
            spec=spec,
            on_epoch=on_epoch,
            resumption=resumption,
        )
    return model, Outcome(
        metrics=classification_metrics(logits[0], labels, history.history),
        test_images=len(labels),
        parameters=count_parameters(model),
        seconds=clock.seconds(),
        history=history.history,
        details={
            "precision_used": {
                "training": precision_used(device, recipe.training.precision, training=True),
                "scoring": precision_used(device, settings.evaluation.precision),
            }
        },
    )


def labelled_images(
    images: TuningImages, scale: float, spec: ImageInput, device: torch.device
) -> Tensor | SizedImages:
    """Return the labelled images, uint8, on the device where they fit in half of its free memory.

    With ``scale`` above 1 those that have more pixels than the square keep them, for their crops.
    """
    reader = images.test.reader
    if scale == 1:
        return to_tensor(reader.read(images.labelled), device).contiguous()
    packed = pack_images(reader.larger(images.labelled, scale), spec.image_size)
    if device.type == "cuda" and not fits_device(packed.nbytes, device):
        return packed
    return packed.to(device)


def logits_of_test(
    model: nn.Module, test: ScoredImages, spec: ImageInput, settings: Evaluation, device: torch.device
) -> np.ndarray:
    """Return logits (N, K) float32 of the test images."""
    batches = test.batches(settings.batch_size, device)
    return predict_logits(model, batches, spec=spec, device=device, precision=settings.precision)


def predict_logits(
    model: nn.Module,
    batches: Iterable[np.ndarray | Tensor],
    spec: ImageInput,
    device: torch.device,
    precision: str,
) -> np.ndarray:
    """Return logits (N, K) float32 of uint8 image batches (b, S, S, 3)."""
    model.eval()
    outputs = run_batches(
        lambda images: (model(images),), batches, spec=spec, device=device, precision=precision
    )
    return np.concatenate([logits for (logits,) in outputs])
