"""The one training loop of phases 1 (SGD probe) and 2: any module, inputs held in memory."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from fact.device import autocast, compute_dtype
from fact.seeds import derive_seed
from fact.tuning.optimiser import build_optimiser
from fact.tuning.schedule import learning_rate

Augment = Callable[[Tensor, Generator], Tensor]
OnEpoch = Callable[[int, float], None]


def train(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    settings: dict,
    seed: int,
    *,
    prepare: Augment,
    on_epoch: OnEpoch,
) -> None:
    """Train ``model`` in place on ``inputs (N, …)`` with class indices ``labels (N,)``, all on one device.

    ``prepare(batch, generator)`` turns a batch of inputs into the model's input (augmentation,
    normalisation). ``on_epoch(epoch, loss)`` is called after each epoch. Every epoch's order and
    augmentation come from a seed of their own, whatever the epochs before it drew.
    Raises ValueError when the loss is not finite.
    """
    optimiser = build_optimiser(model, settings)
    scaler = torch.amp.GradScaler(
        inputs.device.type, enabled=compute_dtype(inputs.device, settings["precision"]) == torch.float16
    )
    for epoch in range(settings["epochs"]):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(epoch, settings)
        set_training_mode(model, settings["freeze_batchnorm"])
        epoch_seed = derive_seed(seed, epoch)
        loss = _train_epoch(model, inputs, labels, settings, epoch_seed, prepare, optimiser, scaler)
        if not math.isfinite(loss):
            raise ValueError(f"the loss became {loss} in epoch {epoch}; lower learning_rate or use fp32")
        on_epoch(epoch, loss)


def set_training_mode(model: nn.Module, freeze_batchnorm: bool) -> None:
    """Training mode; with ``freeze_batchnorm`` the batch-norm layers keep their pretrained statistics."""
    model.train()
    if freeze_batchnorm:
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()


def _train_epoch(
    model: nn.Module,
    inputs: Tensor,
    labels: Tensor,
    settings: dict,
    seed: int,
    prepare: Augment,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
) -> float:
    # dropout and stochastic depth draw from the global generator, not the same numbers as the augmentation
    torch.manual_seed(derive_seed(seed, "layers"))
    generator = Generator().manual_seed(seed)
    order = torch.randperm(len(inputs), generator=generator).to(inputs.device)
    total = 0.0
    for batch in order.split(settings["batch_size"]):
        optimiser.zero_grad(set_to_none=True)
        loss = _backward(model, prepare(inputs[batch], generator), labels[batch], settings, scaler)
        _step(model, optimiser, scaler, settings["clip_norm"])
        total += loss * len(batch)
    return total / len(inputs)


def _backward(
    model: nn.Module, x: Tensor, labels: Tensor, settings: dict, scaler: torch.amp.GradScaler
) -> float:
    """Add up the gradient of a batch's mean loss, part by part on the CPU; returns the loss.

    On a CPU parts that fit its caches take half the time of a large batch. Their gradients add up to the
    batch's own while nothing couples the images; batch norm does unless it is frozen.
    """
    divisible = x.device.type == "cpu" and settings["freeze_batchnorm"]
    part = settings["cpu_micro_batch"] if divisible else len(x)
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
