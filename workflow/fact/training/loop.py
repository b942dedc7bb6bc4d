"""The training loop of both tasks, which is handed batches, a loss, an optimiser and a schedule."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from fact.backbones.memory import MicroBatch
from fact.device import autocast, compute_dtype, fast_fp32
from fact.infra.errors import ConfigError
from fact.training.optimiser import Optimisation
from fact.training.resume import NoResumption, Position, Resumption

# model outputs and targets to a mean loss
Loss = Callable[[object, Tensor], Tensor]
OnRound = Callable[[int, float], None]


class Batch(NamedTuple):
    """What a model takes, a tensor (b, …) or several, and targets (b, …).

    ``weight``: how much the batch counts in the mean loss of its round.
    """

    inputs: Tensor | list[Tensor]
    targets: Tensor
    weight: int = 1


class Batches(Protocol):
    """Batches by round and step: a round is an epoch, or the iterations between two reports.

    Random numbers of a step come from seeds of its own, whatever was drawn before.
    """

    unit: str
    rounds: int

    def steps(self, number: int) -> int:
        """Return how many steps a round has."""

    def weight(self, number: int) -> int:
        """Return the sum of the weights of a round's batches."""

    def length(self, number: int, step: int) -> int:
        """Return how many images the batch of a step has."""

    def batch(self, number: int, step: int) -> Batch:
        """Return the batch of a step."""

    def layer_seed(self, number: int, step: int) -> int:
        """Return the seed of what the layers draw in a step."""


@dataclass(frozen=True)
class Training:
    """A model and all that trains it. ``set_mode`` puts its layers into training mode before each round.

    ``size``: how much targets (b, …) count in the mean loss of a batch that is divided.
    """

    model: nn.Module
    batches: Batches
    loss: Loss
    optimisation: Optimisation
    micro_batch: MicroBatch
    device: torch.device
    precision: str
    set_mode: Callable[[nn.Module], None]
    size: Callable[[Tensor], Tensor | int] = len


def train(training: Training, *, on_round: OnRound, resumption: Resumption | None = None) -> None:
    """Train the model in place; ``on_round(number, loss)`` is called after each round with its mean loss.

    A training that ``resumption`` continues ends like one that was never interrupted.
    A batch that a GPU's memory cannot take is divided, to the same gradient but for rounding and for what the
    layers draw at random.
    Raises ConfigError when the loss is not finite, and what ``resumption`` raises when it is asked to stop.
    """
    batches, optimisation = training.batches, training.optimisation
    half = compute_dtype(training.device, training.precision) == torch.float16
    scaler = torch.amp.GradScaler(training.device.type, enabled=half)
    keep = resumption or NoResumption()
    position = keep.begin(training.model, optimisation.optimiser, scaler)
    for number in range(position.round, batches.rounds):
        training.set_mode(training.model)
        position = position if position.round == number else Position(number)
        with fast_fp32(training.device):
            for done in _steps(training, scaler, position):
                keep.after_step(done)
                position = done
        # the one place where the host waits for the device
        loss = float(position.total) / batches.weight(number)
        if not math.isfinite(loss):
            raise ConfigError(
                f"the loss became {loss} in {batches.unit} {number}; lower learning_rate or use fp32"
            )
        keep.after_round(position, batches.rounds)
        on_round(number, loss)


def _steps(training: Training, scaler: torch.amp.GradScaler, position: Position) -> Iterator[Position]:
    """Take the steps of a round from a position on; yields the position after each."""
    number, total = position.round, torch.as_tensor(position.total, dtype=torch.float64)
    total = total.to(training.device)
    for step in range(position.step, training.batches.steps(number)):
        training.optimisation.set_rate(number, step)
        seed = training.batches.layer_seed(number, step)
        make = partial(training.batches.batch, number, step)
        backward = partial(_backward, training, make, scaler, seed)
        loss = training.micro_batch.fit(training.batches.length(number, step), backward)
        training.optimisation.step(scaler)
        total = total + loss
        yield Position(number, step + 1, total)


def _backward(
    training: Training, make: Callable[[], Batch], scaler: torch.amp.GradScaler, seed: int, size: int
) -> Tensor:
    """Add up the gradient of a batch's mean loss over micro-batches of ``size``; returns the loss times the
    batch's weight, float64 on the device, which the host does not wait for.

    Begins with no gradient and at the layers' ``seed``, so that a pass that failed leaves nothing behind.
    """
    training.model.zero_grad(set_to_none=True)
    # dropout and stochastic depth draw from the global generator, other numbers than the augmentation
    torch.manual_seed(seed)
    batch = make()
    torch.manual_seed(seed)
    whole, total = training.size(batch.targets), torch.zeros((), dtype=torch.float64, device=training.device)
    for inputs, targets in _micro_batches(batch, size):
        with autocast(training.device, training.precision):
            loss = training.loss(training.model(inputs), targets)
        share = loss * (training.size(targets) / whole)
        scaler.scale(share).backward()
        total += share.detach()
    training.optimisation.reserve()
    return total * batch.weight


def _micro_batches(batch: Batch, size: int) -> Iterator[tuple[Tensor | list[Tensor], Tensor]]:
    several = isinstance(batch.inputs, list)
    tensors = batch.inputs if several else [batch.inputs]
    for *inputs, targets in zip(*(tensor.split(size) for tensor in (*tensors, batch.targets)), strict=True):
        yield inputs if several else inputs[0], targets


def set_training_mode(model: nn.Module, freeze_batchnorm: bool) -> None:
    """Set training mode; with ``freeze_batchnorm`` the batch-norm layers keep their pretrained statistics."""
    model.train()
    if freeze_batchnorm:
        for module in model.modules():
            if is_batchnorm(module):
                module.eval()


def is_batchnorm(module: nn.Module) -> bool:
    """Return whether a module normalises over the images of a batch."""
    return isinstance(module, nn.modules.batchnorm._BatchNorm)
