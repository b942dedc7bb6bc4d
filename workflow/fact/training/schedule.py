"""Learning rate by epoch: cosine with linear warm-up, as the released recipe has it (DeiT's defaults)."""

import math

from fact.training.settings import TrainingSettings


def cosine_rate(epoch: int, settings: TrainingSettings) -> float:
    """Return the learning rate of a 0-based epoch.

    The cosine counts from epoch 0, warm-up laid over its start. The released code steps its scheduler after
    the epoch, so that epochs 0 and 1 share the first value: ``schedule_lag`` 1.
    """
    epoch = max(epoch - settings.schedule_lag, 0)
    base, lowest, warmup = settings.learning_rate, settings.min_learning_rate, settings.warmup_epochs
    if epoch < warmup:
        first = settings.warmup_learning_rate
        return first + epoch * (base - first) / warmup
    return lowest + 0.5 * (base - lowest) * (1 + math.cos(math.pi * epoch / settings.epochs))
