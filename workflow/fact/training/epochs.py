"""Train on inputs held in memory, in epochs: the batches, the loss and the schedule of a recipe."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from fact.backbones.memory import MicroBatch
from fact.device import send
from fact.seeds import derive_seed
from fact.training.loop import Batch, OnRound, Training, set_training_mode, train
from fact.training.optimiser import build_sgd
from fact.training.resume import Resumption
from fact.training.schedule import cosine_rate
from fact.training.settings import TrainingSettings
from fact.training.sized_images import SizedImages

# a batch of inputs and a generator to what the model takes
Prepare = Callable[..., Tensor]
COUPLED = "the batch does not fit, and batch norm forbids to divide it; set freeze_batchnorm: true"


class LabelledInputs(NamedTuple):
    """Inputs (N, …) and class indices (N,). Labels lie where the model is; inputs there or on the host."""

    inputs: Tensor | SizedImages
    labels: Tensor


class EpochBatches:
    """Batches that pass over all inputs, in another order each epoch.

    ``prepare(batch, generator)`` turns a batch of inputs into what the model takes.
    """

    unit = "epoch"

    def __init__(self, data: LabelledInputs, settings: TrainingSettings, seed: int, prepare: Prepare) -> None:
        self.data, self.seed, self.prepare = data, seed, prepare
        self.rounds, self.size = settings.epochs, settings.batch_size
        self._shuffled: tuple[int, Tensor] = (-1, torch.empty(0))

    def steps(self, number: int) -> int:
        return -(-len(self.data.inputs) // self.size)

    def weight(self, number: int) -> int:
        return len(self.data.inputs)

    def length(self, number: int, step: int) -> int:
        return min(self.size, len(self.data.inputs) - step * self.size)

    def batch(self, number: int, step: int) -> Batch:
        rows = self._order(number)[step * self.size : (step + 1) * self.size]
        generator = Generator().manual_seed(derive_seed(self.seed, number, step, "images"))
        device = self.data.labels.device
        images = self.prepare(_on(self.data.inputs[rows], device), generator)
        return Batch(images, self.data.labels[send(rows, device)], len(rows))

    def layer_seed(self, number: int, step: int) -> int:
        return derive_seed(self.seed, number, step, "layers")

    def _order(self, number: int) -> Tensor:
        """Return the order of an epoch's inputs, on their device; it is drawn once for all steps."""
        if self._shuffled[0] != number:
            generator = Generator().manual_seed(derive_seed(self.seed, number))
            order = torch.randperm(len(self.data.inputs), generator=generator)
            self._shuffled = number, send(order, self.data.inputs.device)
        return self._shuffled[1]


def _on(inputs: Tensor | SizedImages, device: torch.device) -> Tensor | SizedImages:
    if inputs.device == device:
        return inputs
    return inputs.to(device) if isinstance(inputs, SizedImages) else send(inputs, device)


def train_epochs(
    model: nn.Module,
    batches: EpochBatches,
    settings: TrainingSettings,
    *,
    on_epoch: OnRound,
    resumption: Resumption | None = None,
) -> None:
    """Train ``model`` in place by SGD on the cross entropy; ``on_epoch(epoch, loss)`` follows each epoch.

    Raises ConfigError when the loss is not finite, and what ``resumption`` raises when it is asked to stop.
    """
    device = batches.data.labels.device
    training = Training(
        model=model,
        batches=batches,
        loss=partial(F.cross_entropy, label_smoothing=settings.label_smoothing),
        optimisation=build_sgd(model, settings, lambda epoch, step: cosine_rate(epoch, settings)),
        micro_batch=micro_batch(device, settings),
        device=device,
        precision=settings.precision,
        set_mode=partial(set_training_mode, freeze_batchnorm=settings.freeze_batchnorm),
    )
    train(training, on_round=on_epoch, resumption=resumption)


def micro_batch(device: torch.device, settings: TrainingSettings) -> MicroBatch:
    """Return how many images of a batch go through the model at once.

    On a CPU micro-batches that fit its caches take half the time of a large batch; a GPU takes the batch
    whole while it fits. Their gradients add up to the batch's own while nothing couples the images; batch
    norm does unless it is frozen.
    """
    if not settings.freeze_batchnorm:
        return MicroBatch(settings.batch_size, COUPLED)
    return MicroBatch(settings.cpu_micro_batch if device.type == "cpu" else settings.batch_size)
