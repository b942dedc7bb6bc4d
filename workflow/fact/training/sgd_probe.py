"""Phase 1 by SGD: the paper's linear probe, trained on frozen features (LP)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fact.device import precision_used
from fact.infra.fields import Settings
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.heads.head import Head, pooled_head
from fact.training.heads.linear import LinearHead
from fact.training.log import TrainingLog
from fact.training.settings import TrainingSettings, read_training


def read_settings(settings: Settings) -> TrainingSettings:
    """Return the training of a probe's plain settings. Raises ConfigError naming a missing key."""
    return read_training(settings["training"])


def fit_probe(
    features: Tensor,
    labels: Tensor,
    sample_ids: Sequence[str],
    num_classes: int,
    settings: TrainingSettings,
    seed: int,
    groups: NDArray[np.int64] | None = None,
) -> tuple[Head, dict[str, float], dict[str, Any]]:
    """Fit a linear head on ``features (n, D)`` and ``labels (n,)``; returns it, seconds by phase, and a
    report.

    The released recipe on cached features, hence without image augmentation. ``sample_ids`` and ``groups``
    play no part: nothing is chosen here.
    """
    history, device = TrainingLog(), features.device
    data = LabelledInputs(features, labels)
    with history.clock.time("train"):
        torch.manual_seed(seed)
        linear = nn.Linear(features.shape[1], num_classes).to(device)
        batches = EpochBatches(data, settings, seed=seed, prepare=lambda batch, _: batch)
        train_epochs(
            linear,
            batches,
            settings,
            on_epoch=lambda epoch, loss: history.add("epoch", epoch, settings.epochs, loss),
        )
    size = sum(parameter.numel() for parameter in linear.parameters())
    report = {
        "parameters": {"trainable": size, "total": size},
        "history": history.history,
        "details": {
            "precision_used": {"training": precision_used(device, settings.precision, training=True)}
        },
    }
    weight, bias = (parameter.detach().cpu() for parameter in (linear.weight, linear.bias))
    return pooled_head(LinearHead(weight, bias)), history.clock.seconds(), report
