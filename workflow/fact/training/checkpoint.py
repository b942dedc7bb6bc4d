"""Checkpoints of phase 2: save what was trained, restore the classifier or its head alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from torch import Tensor, nn

from fact.backbones.interface import Classifier
from fact.backbones.spec import BackboneSpec
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.training.classifier import Tuner, build_classifier, read_tuner
from fact.training.heads.linear import LinearHead

Model = TypeVar("Model", bound=nn.Module)


class Checkpoint(NamedTuple):
    """Trained tensors, the tuner that restores them, and what else the file says (plain JSON)."""

    tensors: dict[str, Tensor]
    tuner: Tuner
    metadata: Settings


def save_checkpoint(
    path: Path,
    tensors: Mapping[str, Tensor],
    settings: Settings,
    metadata: Mapping[str, object],
) -> None:
    """Publish trained tensors as safetensors; a recipe's plain settings and ``metadata`` are its header.

    ``metadata`` (plain JSON) holds ``num_classes`` and ``weights_sha256``.
    """
    publish_tensors(path, tensors, {"settings": settings, "about": metadata})


def load_checkpoint(path: Path, weights: Path) -> tuple[Classifier, BackboneSpec]:
    """Return the tuned classifier of a checkpoint, adapters merged, on the CPU in eval mode, and its spec.

    Raises ArtifactError for a damaged checkpoint and for one that was trained from other pretrained weights.
    """
    checkpoint = read_checkpoint(path)
    classifier, spec = build_classifier(weights, checkpoint.metadata["num_classes"])
    return restore(path, checkpoint, model=classifier, spec=spec), spec


def restore(path: Path, checkpoint: Checkpoint, model: Model, spec: BackboneSpec) -> Model:
    """Return the tuned model in eval mode from a fresh one.

    Raises ArtifactError for a checkpoint that was trained from other pretrained weights than those of
    ``spec``.
    """
    wanted = checkpoint.metadata["weights_sha256"]
    if wanted != spec.weights_sha256:
        raise ArtifactError(
            f"{path} was tuned from weights {wanted[:12]}…, not from those of {spec.source} "
            f"({str(spec.weights_sha256)[:12]}…); delete the checkpoint and run again"
        )
    return checkpoint.tuner.restore(model, checkpoint.tensors)


def checkpoint_head(path: Path | str) -> LinearHead:
    """Return phase 2's own linear head, read from a checkpoint of any tuner."""
    tensors = read_checkpoint(Path(path)).tensors
    weight, bias = (_ending(tensors, f"head.{name}", path) for name in ("weight", "bias"))
    return LinearHead(weight, bias)


def _ending(tensors: Mapping[str, Tensor], ending: str, path: Path | str) -> Tensor:
    """Return the classifier's tensor: backbone tensors have longer names, adapters only add a prefix."""
    names = [name for name in tensors if name.endswith(ending) and ".backbone." not in f".{name}"]
    if len(names) != 1:
        raise ArtifactError(
            f"{path} holds {len(names)} tensors named …{ending}; delete the checkpoint and run again"
        )
    return tensors[names[0]].float()


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of :func:`save_checkpoint`. Raises ArtifactError for another file."""
    tensors, header = read_tensors(path)
    if not {"settings", "about"} <= set(header):
        raise ArtifactError(f"{path} is no checkpoint; delete it and run again")
    return Checkpoint(tensors, read_tuner(header["settings"]), header["about"])
