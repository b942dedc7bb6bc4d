"""Optimisers with their learning rates; biases, norms and embeddings have no weight decay."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from fact.training.settings import TrainingSettings

# the endings that timm's models name in `no_weight_decay`
UNDECAYED = ("pos_embed", "cls_token", "reg_token", "dist_token", "relative_position_bias_table")
# tensors as large as a parameter in a step: AdamW keeps two moments and works with a third
STATES = 3
# a round and a step of it to a learning rate
Schedule = Callable[[int, int], float]


@dataclass(frozen=True)
class Optimisation:
    """An optimiser, its learning rate, and the largest norm of the gradient of ``clipped`` (None: no limit).

    A group's own ``factor`` multiplies the rate.
    """

    optimiser: torch.optim.Optimizer
    schedule: Schedule
    clip_norm: float | None
    clipped: list[nn.Parameter]

    def set_rate(self, number: int, step: int) -> None:
        """Set the learning rate of a step."""
        rate = self.schedule(number, step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group.get("factor", 1.0)

    def reserve(self) -> None:
        """Allocate, before the first step, what it will need, and give it back.

        A step that fails halfway cannot be taken again; memory that is missing is found out here.
        """
        if not self.optimiser.state:
            # all at once, and freed at the end of the statement
            len([torch.empty_like(p) for p in self.clipped for _ in range(STATES)])

    def step(self, scaler: torch.amp.GradScaler) -> None:
        """Take a step along the scaled gradient, clipped first."""
        scaler.unscale_(self.optimiser)
        if self.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.clipped, self.clip_norm)
        scaler.step(self.optimiser)
        scaler.update()


def build_sgd(model: nn.Module, settings: TrainingSettings, schedule: Schedule) -> Optimisation:
    """Return SGD with Nesterov momentum over the trainable parameters (DeiT's released recipe)."""
    optimiser = torch.optim.SGD(
        decay_groups(model.named_parameters(), settings.weight_decay),
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=settings.momentum > 0,
    )
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return Optimisation(optimiser, schedule, clip_norm=settings.clip_norm, clipped=trainable)


def decay_groups(named: Iterable[tuple[str, nn.Parameter]], weight_decay: float) -> list[dict[str, Any]]:
    """Return the trainable ones of these parameters as groups, decayed and not; none is empty."""
    trainable = [(name, p) for name, p in named if p.requires_grad]
    decayed = [p for name, p in trainable if p.ndim > 1 and not name.endswith(UNDECAYED)]
    kept = [p for name, p in trainable if p.ndim <= 1 or name.endswith(UNDECAYED)]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": kept, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
