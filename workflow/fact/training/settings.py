"""The settings of a training that passes over its images in epochs: phase 2, and phase 1's SGD probe."""

from dataclasses import dataclass

from fact.infra.fields import Settings, read_fields


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Random resized crops and flips: range of areas, range of aspects, probability of a flip, interpolation.

    Scale (1, 1) with ratio (1, 1) and flip 0 is the identity. ``interpolation``: bilinear or bicubic.
    ``source_scale``: crops are taken from images of up to so many times the square's side.
    """

    crop_scale: tuple[float, float]
    crop_ratio: tuple[float, float]
    flip: float
    interpolation: str
    source_scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """What the keys of ``training`` in config/recipes.yaml say; they are described there."""

    epochs: int
    batch_size: int
    cpu_micro_batch: int
    learning_rate: float
    momentum: float
    weight_decay: float
    warmup_epochs: int
    warmup_learning_rate: float
    min_learning_rate: float
    schedule_lag: int
    clip_norm: float
    label_smoothing: float
    head_std: float
    drop_path: float
    freeze_batchnorm: bool
    precision: str
    grad_checkpointing: bool
    compile: bool
    augmentation: Augmentation


def read_training(settings: Settings) -> TrainingSettings:
    """Return the training of a recipe's flat settings. Raises ConfigError naming a missing key."""
    augmentation = read_fields(Augmentation, settings.get("augmentation") or {}, "training.augmentation")
    return read_fields(TrainingSettings, {**settings, "augmentation": augmentation}, "training")
