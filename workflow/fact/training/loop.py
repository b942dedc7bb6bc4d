"""The one training loop of phases 1 (SGD probe) and 2: any module, inputs held in memory."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from fact.backbones.memory import PartSize
from fact.device import autocast, compute_dtype
from fact.seeds import derive_seed
from fact.training.optimiser import build_optimiser
from fact.training.resume import NoResumption, Position, Resumption
from fact.training.schedule import learning_rate

Augment = Callable[[Tensor, Generator], Tensor]
OnEpoch = Callable[[int, float], None]
COUPLED = "the batch does not fit, and batch norm forbids to divide it; set freeze_batchnorm: true"


def train(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    settings: dict,
    seed: int,
    *,
    prepare: Augment,
    on_epoch: OnEpoch,
    resumption: Resumption | None = None,
) -> None:
    """Train ``model`` in place on ``inputs (N, …)`` with class indices ``labels (N,)``, all on one device.

    ``prepare(batch, generator)`` turns a batch of inputs into the model's input (augmentation,
    normalisation). ``on_epoch(epoch, loss)`` is called after each epoch. Every epoch's order and every
    step's augmentation come from seeds of their own, whatever was drawn before, so that a training that
    ``resumption`` continues ends like one that was never interrupted.
    A batch that a GPU's memory cannot take is divided, to the same gradient but for rounding and for what the
    layers draw at random.
    Raises ValueError when the loss is not finite, and what ``resumption`` raises when it is asked to stop.
    """
    precision = compute_dtype(inputs.device, settings["precision"])
    optimiser = build_optimiser(model, settings)
    scaler = torch.amp.GradScaler(inputs.device.type, enabled=precision == torch.float16)
    keep = resumption or NoResumption()
    parts = part_size(inputs.device, settings)
    position = keep.begin(model, optimiser, scaler)
    for epoch in range(position.epoch, settings["epochs"]):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(epoch, settings)
        set_training_mode(model, settings["freeze_batchnorm"])
        position = position if position.epoch == epoch else Position(epoch)
        steps = _steps(model, inputs, labels, settings, seed, position, prepare, optimiser, scaler, parts)
        for done in steps:
            keep.after_step(done)
            position = done
        loss = position.total / len(inputs)
        if not math.isfinite(loss):
            raise ValueError(f"the loss became {loss} in epoch {epoch}; lower learning_rate or use fp32")
        keep.after_epoch(position, settings["epochs"])
        on_epoch(epoch, loss)


def set_training_mode(model: nn.Module, freeze_batchnorm: bool) -> None:
    """Training mode; with ``freeze_batchnorm`` the batch-norm layers keep their pretrained statistics."""
    model.train()
    if freeze_batchnorm:
        for module in model.modules():
            if is_batchnorm(module):
                module.eval()


def is_batchnorm(module: nn.Module) -> bool:
    """Whether a module normalises over the images of a batch."""
    return isinstance(module, nn.modules.batchnorm._BatchNorm)


def _steps(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    settings: dict,
    seed: int,
    position: Position,
    prepare: Augment,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    parts: PartSize,
) -> Iterator[Position]:
    """The steps of an epoch from a position on; yields the position after each."""
    epoch, total = position.epoch, position.total
    order = torch.randperm(len(inputs), generator=Generator().manual_seed(derive_seed(seed, epoch)))
    for step, batch in enumerate(order.to(inputs.device).split(settings["batch_size"])):
        if step < position.step:
            continue
        # dropout and stochastic depth draw from the global generator, other numbers than the augmentation
        layers = derive_seed(seed, epoch, step, "layers")
        torch.manual_seed(layers)
        generator = Generator().manual_seed(derive_seed(seed, epoch, step, "images"))
        images = prepare(inputs[batch], generator)
        backward = partial(_backward, model, images, labels[batch], settings, scaler, layers)
        loss = parts.fit(len(batch), backward)
        _step(model, optimiser, scaler, settings["clip_norm"])
        total += loss * len(batch)
        yield Position(epoch, step + 1, total)


def part_size(device: torch.device, settings: dict) -> PartSize:
    """How many images of a batch go through the model at once.

    On a CPU parts that fit its caches take half the time of a large batch; a GPU takes the batch whole while
    it fits. The parts' gradients add up to the batch's own while nothing couples the images; batch norm does
    unless it is frozen.
    """
    if not settings["freeze_batchnorm"]:
        return PartSize(settings["batch_size"], COUPLED)
    return PartSize(settings["cpu_micro_batch" if device.type == "cpu" else "batch_size"])


def _backward(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    settings: dict,
    scaler: torch.amp.GradScaler,
    seed: int,
    part: int,
) -> float:
    """The gradient of a batch's mean loss, added up over parts; returns the loss.

    Begins with no gradient and at the layers' ``seed``, so that a pass that failed leaves nothing behind.
    """
    model.zero_grad(set_to_none=True)
    torch.manual_seed(seed)
    total = 0.0
    for images, targets in zip(x.split(part), labels.split(part), strict=True):
        with autocast(x.device, settings["precision"]):
            loss = F.cross_entropy(model(images), targets, label_smoothing=settings["label_smoothing"])
        share = loss * (len(images) / len(x))
        scaler.scale(share).backward()
        total += share.item()
    return total


def _step(
    model: nn.Module, optimiser: torch.optim.Optimizer, scaler: torch.amp.GradScaler, clip_norm: float
) -> None:
    scaler.unscale_(optimiser)
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], clip_norm)
    scaler.step(optimiser)
    scaler.update()
