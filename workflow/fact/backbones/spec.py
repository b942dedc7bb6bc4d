"""What a backbone is: as the configuration declares it, and as backbone.json records it."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings, read_fields
from fact.infra.files.record import read_record

SPEC_FILE = "backbone.json"


@dataclass(frozen=True, kw_only=True)
class ImageInput:
    """The images that a model takes: side in pixels, filter of resizing, mean and sd of RGB in 0..1."""

    image_size: int
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def input_json(self) -> dict[str, object]:
        """Return these four as plain JSON types."""
        return {
            "image_size": self.image_size,
            "interpolation": self.interpolation,
            "mean": list(self.mean),
            "std": list(self.std),
        }


@dataclass(frozen=True, kw_only=True)
class BackboneSpec(ImageInput):
    """A backbone: timm's name of its architecture, its images, the source of its weights, their sha256."""

    architecture: str
    model_args: Settings
    source: str
    license: str | None = None
    weights_sha256: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the content of backbone.json."""
        return {**asdict(self), **self.input_json()}


def read_spec(folder: Path) -> BackboneSpec:
    """Read the spec beside the weights.

    Raises FileNotFoundError, and ArtifactError for one that is damaged.
    """
    file = folder / SPEC_FILE
    if not file.is_file():
        raise FileNotFoundError(f"{file} does not exist; run rule get_weights")
    return read_fields(BackboneSpec, read_record(file), str(file), error=ArtifactError)


@dataclass(frozen=True, kw_only=True)
class Pretraining:
    """On which data set a backbone is pretrained here, from which seed, and the settings of its training."""

    dataset: str
    seed: int
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class DeclaredBackbone:
    """An entry of config/backbones.yaml.

    ``model``: a timm name, a hub name or ``local-dir:PATH``. ``weights``: a .safetensors or .pth file, its
    URL, None for the model's own pretrained weights, or ``random`` for none: a start drawn from the name.
    ``sha256`` is required for .pth. What is None of the images' side and normalisation is the model's own.
    """

    name: str
    model: str
    weights: str | None = None
    sha256: str | None = None
    model_args: Settings = field(default_factory=dict)
    image_size: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    interpolation: str | None = None
    pretrain: Pretraining | None = None


def read_declared(name: str, settings: Settings) -> DeclaredBackbone:
    """Return the declared backbone of an entry's plain settings. Raises ConfigError naming the key."""
    where = f"backbones.{name}"
    pretrain = settings.get("pretrain")
    if pretrain is not None:
        pretrain = read_fields(Pretraining, pretrain, f"{where}.pretrain")
    args = settings.get("model_args") or {}
    own = {**settings, "name": name, "pretrain": pretrain, "model_args": dict(args)}
    return read_fields(DeclaredBackbone, own, where)
