"""Train a segmentation model in iterations: batches, loss, AdamW and its schedule.

Images differ in size and a labelled set may be smaller than a batch, so that a batch is cut from an endless
sequence of shuffled passes.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from fact.backbones.memory import MicroBatch
from fact.data.masks import IGNORE
from fact.seeds import derive_seed
from fact.tasks.segmentation.model import segmentation_loss
from fact.tasks.segmentation.settings import SegmentationTraining
from fact.training.computing import Computing
from fact.training.log import TrainingLog
from fact.training.loop import Batch, Training, is_batchnorm, set_training_mode, train
from fact.training.optimiser import Optimisation, decay_groups

# iteration -> model inputs and masks (B, S, S) int64
Sample = Callable[[int], tuple[Tensor | list[Tensor], Tensor]]
NO_FIT = "the batch does not fit, and the head's batch norm needs it whole; lower batch_size or crop_size"


class IterationBatches:
    """Batches of :data:`Sample`; a round has ``report_every`` iterations, the last one what is left."""

    unit = "report"

    def __init__(self, sample: Sample, settings: SegmentationTraining, seed: int) -> None:
        self.sample, self.seed = sample, seed
        self.every, self.iterations = settings.report_every, settings.iterations
        self.batch_size = settings.batch_size
        self.rounds = -(-self.iterations // self.every)

    def done(self, number: int) -> int:
        """Return how many iterations are done after a round."""
        return min(self.iterations, (number + 1) * self.every)

    def steps(self, number: int) -> int:
        return self.done(number) - number * self.every

    def weight(self, number: int) -> int:
        return self.steps(number)

    def length(self, number: int, step: int) -> int:
        return self.batch_size

    def batch(self, number: int, step: int) -> Batch:
        return Batch(*self.sample(number * self.every + step))

    def layer_seed(self, number: int, step: int) -> int:
        return derive_seed(self.seed, number * self.every + step, "layers")


def train_iterations(
    model: nn.Module,
    sample: Sample,
    settings: SegmentationTraining,
    computing: Computing,
    *,
    history: TrainingLog,
    fingerprint: tuple[object, ...] = (),
) -> None:
    """Train ``model``, which gives a pair of logits, the second auxiliary, in place on the device.

    ``history`` takes the mean loss of every ``report_every`` iterations and of the last ones. ``fingerprint``
    (plain JSON and tensors): all that decides the training. Raises ConfigError when the loss is not finite,
    and what a signal raises that asks it to stop.
    """
    batches = IterationBatches(sample, settings, computing.seed)
    training = Training(
        model=model,
        batches=batches,
        loss=partial(segmentation_loss, auxiliary_weight=settings.auxiliary_weight),
        optimisation=build_adamw(model, settings),
        micro_batch=micro_batch(model, settings),
        device=computing.device,
        precision=settings.precision,
        set_mode=partial(set_segmentation_mode, freeze_batchnorm=settings.freeze_batchnorm),
        size=labelled_pixels,
    )
    train(
        training,
        on_round=lambda number, loss: history.add(
            "iteration", batches.done(number), settings.iterations, loss
        ),
        resumption=history.resumption(computing.resume, *fingerprint),
    )


def micro_batch(model: nn.Module, settings: SegmentationTraining) -> MicroBatch:
    """Return how many crops go through the model at once: a GPU's batch is halved while it does not fit.

    Batch norm that learns its statistics, as UPerNet's does, needs the batch whole.
    """
    set_segmentation_mode(model, settings.freeze_batchnorm)
    learns = any(is_batchnorm(module) and module.training for module in model.modules())
    return MicroBatch(settings.batch_size, NO_FIT if learns else "")


def labelled_pixels(masks: Tensor) -> Tensor:
    """Return how many pixels of masks (B, S, S) have a class, at least 1: what a mean loss is over."""
    return (masks != IGNORE).sum().clamp(min=1)


def batch_members(count: int, batch_size: int, iteration: int, seed: int) -> list[int]:
    """Return which of ``count`` examples an iteration sees: the next ones of endless shuffled passes."""
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


def polynomial_rate(iteration: int, settings: SegmentationTraining) -> float:
    """Return the learning rate of a 0-based iteration: linear warm-up, then polynomial decay to zero.

    That is mmsegmentation's schedule.
    """
    base, warmup = settings.learning_rate, settings.warmup_iterations
    if iteration < warmup:
        first = settings.warmup_factor
        return base * (first + (1 - first) * iteration / warmup)
    left = 1 - (iteration - warmup) / max(settings.iterations - warmup, 1)
    return base * left**settings.power


def build_adamw(model: nn.Module, settings: SegmentationTraining) -> Optimisation:
    """Return AdamW; the head's rate is ``head_factor`` times that of the backbone."""
    named = list(model.named_parameters())
    backbone = [(name, p) for name, p in named if _of_backbone(name)]
    head = [(name, p) for name, p in named if not _of_backbone(name)]
    groups = [
        {**group, "factor": factor}
        for part, factor in ((backbone, 1.0), (head, settings.head_factor))
        for group in decay_groups(part, settings.weight_decay)
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=settings.betas)
    trained = [parameter for group in groups for parameter in group["params"]]
    every = settings.report_every
    return Optimisation(
        optimiser,
        lambda number, step: polynomial_rate(number * every + step, settings),
        clip_norm=settings.clip_norm,
        clipped=trained,
    )


def set_segmentation_mode(model: nn.Module, freeze_batchnorm: bool) -> None:
    """Set training mode; with ``freeze_batchnorm`` the backbone, not the head, keeps its batch statistics."""
    model.train()
    if freeze_batchnorm:
        for name, module in model.named_modules():
            if name.split(".")[-1] == "backbone":
                set_training_mode(module, True)


def _of_backbone(name: str) -> bool:
    return "backbone." in f".{name}"
