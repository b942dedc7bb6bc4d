"""The settings of segmentation: crops, decoder, trainings, maps, inference and the search of phase 3."""

from dataclasses import dataclass

from fact.data.pair_reader import PairReading, read_pair_reading
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings, read_fields
from fact.training.classifier import Tuner, read_tuner
from fact.training.heads.spec import Frofa, read_frofa

TUNERS = ("full", "lora")


@dataclass(frozen=True)
class CropAugmentation:
    """How a crop is drawn: range of factors on the image's size, probability of a flip, and ``max_share``.

    A crop where one class has more than ``max_share`` of the labelled pixels is drawn again.
    """

    scale: tuple[float, float]
    flip: float
    max_share: float


@dataclass(frozen=True)
class Crops:
    """Training crops: their side in pixels, and how they are drawn."""

    crop_size: int
    augmentation: CropAugmentation


@dataclass(frozen=True)
class DecoderSettings:
    """Widths of UPerNet, auxiliary head and neck (None: the backbone's), pooled grids, level, dropout."""

    channels: int
    pool_scales: tuple[int, ...]
    dropout: float
    neck_channels: int | None
    auxiliary_channels: int
    auxiliary_level: int


@dataclass(frozen=True, kw_only=True)
class SegmentationTraining:
    """The keys of ``segmentation.training``, which config/segmentation.yaml describes."""

    iterations: int
    batch_size: int
    learning_rate: float
    head_factor: float
    betas: tuple[float, float]
    weight_decay: float
    warmup_iterations: int
    warmup_factor: float
    power: float
    auxiliary_weight: float
    clip_norm: float | None
    drop_path: float
    freeze_batchnorm: bool
    precision: str
    report_every: int
    plain: Settings


@dataclass(frozen=True)
class Inference:
    """How test images are predicted: ``mode`` whole or slide, with windows of ``crop_size``.

    ``overlap``: a share of their side, where logits are averaged. ``shown``: how many predictions are kept.
    """

    mode: str
    crop_size: int
    overlap: float
    precision: str
    shown: int = 0


@dataclass(frozen=True)
class MapSettings:
    """Feature maps: crops and how many of each image, precision, and the dtype of the file."""

    crops: Crops
    views: int
    precision: str
    store_dtype: str


@dataclass(frozen=True)
class StageSettings:
    """Settings of a stage that trains and scores; ``plain``: as the rule hands them over."""

    reading: PairReading
    crops: Crops
    decoder: DecoderSettings
    training: SegmentationTraining
    inference: Inference
    plain: Settings

    @property
    def tuner(self) -> Tuner:
        """The tuner of a recipe. Raises ConfigError for one that does not segment."""
        name = self.training.plain["tuner"]
        if name not in TUNERS:
            raise ConfigError(f"tuner: {name} does not segment; use {' or '.join(TUNERS)}")
        return read_tuner(self.training.plain)


@dataclass(frozen=True)
class HeadSearch:
    """How phase 3 chooses FroFA's strength: strengths, folds, the training of a trial, and a fallback."""

    frofa: Frofa
    folds: int
    fallback_strength: float
    trial: SegmentationTraining


def read_stage(settings: Settings) -> StageSettings:
    """Return the settings of a stage from plain JSON. Raises ConfigError naming the key."""
    return StageSettings(
        reading=read_pair_reading(settings["reading"]),
        crops=read_crops(settings["images"]),
        decoder=read_decoder(settings["decoder"]),
        training=read_segmentation_training(settings["training"]),
        inference=read_fields(Inference, settings["inference"], "segmentation.inference"),
        plain=settings,
    )


def read_search(settings: Settings) -> HeadSearch:
    """Return the search of a head's plain settings. Raises ConfigError naming the key."""
    own = {
        **settings,
        "frofa": read_frofa(settings["frofa"]),
        "trial": read_segmentation_training(settings["search"]),
    }
    return read_fields(HeadSearch, own, "segmentation.heads")


def read_maps(settings: Settings) -> MapSettings:
    """Return the settings of maps from plain JSON. Raises ConfigError naming the key."""
    return read_fields(MapSettings, {**settings, "crops": read_crops(settings)}, "segmentation.maps")


def read_crops(settings: Settings) -> Crops:
    """Return crops from plain JSON. Raises ConfigError naming the key."""
    where = "segmentation.images"
    own = settings.get("augmentation") or {}
    return read_fields(Crops, {**settings, "augmentation": read_fields(CropAugmentation, own, where)}, where)


def read_decoder(settings: Settings) -> DecoderSettings:
    """Return the decoder of plain JSON. Raises ConfigError naming the key."""
    return read_fields(DecoderSettings, settings, "segmentation.decoder")


def read_segmentation_training(settings: Settings) -> SegmentationTraining:
    """Return a training of plain JSON, which it keeps. Raises ConfigError naming the key."""
    return read_fields(SegmentationTraining, {**settings, "plain": settings}, "segmentation.training")
