"""The training loop of segmentation: iterations of AdamW on batches that are drawn, not passed through.

Images differ in size and a labelled set may be smaller than a batch, so that a batch is cut from an endless
sequence of shuffled passes. The state of an interrupted training is that of :mod:`fact.training.resume`.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from fact.device import autocast, compute_dtype
from fact.seeds import derive_seed
from fact.tasks.segmentation.model import loss
from fact.tasks.segmentation.schedule import learning_rate
from fact.training.loop import set_training_mode
from fact.training.optimiser import decay_groups
from fact.training.resume import NoResumption, Position, Resumption

Inputs = Tensor | list[Tensor]
# iteration -> model inputs and masks (B, S, S) int64
Draw = Callable[[int], tuple[Inputs, Tensor]]
OnReport = Callable[[int, float], None]
NO_FIT = "the batch does not fit, and the head's batch norm needs it whole; lower batch_size or crop_size"


def train(
    model: nn.Module,
    draw: Draw,
    settings: dict,
    seed: int,
    device: torch.device,
    *,
    on_report: OnReport,
    resumption: Resumption | None = None,
) -> None:
    """Train ``model`` in place. A model gives a pair of logits, the second auxiliary.

    ``settings``: the keys of ``segmentation.training``. ``on_report(iteration, loss)`` is called after every
    ``report_every`` iterations and the last, with the mean loss since the report before. Random numbers of
    an iteration come from seeds of its own, so that a training that ``resumption`` continues ends like one
    that was never interrupted.
    Raises ValueError when the loss is not finite, and what ``resumption`` raises when it is asked to stop.
    """
    precision = compute_dtype(device, settings["precision"])
    optimiser = _optimiser(model, settings)
    scaler = torch.amp.GradScaler(device.type, enabled=precision == torch.float16)
    keep = resumption or NoResumption()
    position = keep.begin(model, optimiser, scaler)
    every, last = settings["report_every"], settings["iterations"]
    reports = -(-last // every)
    for report in range(position.epoch, reports):
        _training_mode(model, settings)
        position = position if position.epoch == report else Position(report)
        for iteration in range(report * every + position.step, min(last, (report + 1) * every)):
            total = position.total + _step(model, draw, settings, seed, device, optimiser, scaler, iteration)
            position = Position(report, position.step + 1, total)
            keep.after_step(position)
        mean = position.total / position.step
        if not math.isfinite(mean):
            raise ValueError(f"the loss became {mean} by report {report}; lower learning_rate or use fp32")
        keep.after_epoch(position, reports)
        on_report(min(last, (report + 1) * every), mean)


def batch_members(count: int, batch_size: int, iteration: int, seed: int) -> list[int]:
    """Which of ``count`` examples an iteration sees: the next ``batch_size`` of endless shuffled passes."""
    first = iteration * batch_size
    passes: dict[int, list[int]] = {}
    members = []
    for place in range(first, first + batch_size):
        number, row = divmod(place, count)
        if number not in passes:
            generator = torch.Generator().manual_seed(derive_seed(seed, number, "order"))
            passes[number] = torch.randperm(count, generator=generator).tolist()
        members.append(passes[number][row])
    return members


def _step(
    model: nn.Module,
    draw: Draw,
    settings: dict,
    seed: int,
    device: torch.device,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    iteration: int,
) -> float:
    rate = learning_rate(iteration, settings)
    for group in optimiser.param_groups:
        group["lr"] = rate * group["factor"]
    inputs, masks = draw(iteration)
    # dropout and stochastic depth draw from the global generator
    torch.manual_seed(derive_seed(seed, iteration, "layers"))
    optimiser.zero_grad(set_to_none=True)
    try:
        with autocast(device, settings["precision"]):
            value = loss(model(inputs), masks, settings["auxiliary_weight"])
        scaler.scale(value).backward()
    except torch.OutOfMemoryError as error:
        raise torch.OutOfMemoryError(f"{NO_FIT}. {error}") from error
    scaler.unscale_(optimiser)
    if settings["clip_norm"] is not None:
        trained = [p for group in optimiser.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(trained, settings["clip_norm"])
    scaler.step(optimiser)
    scaler.update()
    return value.item()


def _optimiser(model: nn.Module, settings: dict) -> torch.optim.AdamW:
    """AdamW, the head's rate ``head_factor`` times that of the backbone; norms and biases are not decayed."""
    named = list(model.named_parameters())
    backbone = [(name, p) for name, p in named if _of_backbone(name)]
    head = [(name, p) for name, p in named if not _of_backbone(name)]
    groups = [
        {**group, "factor": factor}
        for part, factor in ((backbone, 1.0), (head, settings["head_factor"]))
        for group in decay_groups(part, settings["weight_decay"])
    ]
    return torch.optim.AdamW(groups, lr=settings["learning_rate"], betas=tuple(settings["betas"]))


def _of_backbone(name: str) -> bool:
    return "backbone." in f".{name}"


def _training_mode(model: nn.Module, settings: dict) -> None:
    """The head learns batch statistics; the backbone's are kept where ``freeze_batchnorm`` says so."""
    model.train()
    if settings["freeze_batchnorm"]:
        for name, module in model.named_modules():
            if name.split(".")[-1] == "backbone":
                set_training_mode(module, True)
