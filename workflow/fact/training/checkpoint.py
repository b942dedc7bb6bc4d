"""Checkpoints of phase 2: save what was trained, restore the classifier or its head alone."""

from pathlib import Path

from torch import Tensor, nn

from fact.backbones.interface import Classifier
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.training.classifier import build_classifier, load_tuner
from fact.training.heads.linear import LinearHead


def save_checkpoint(path: Path, model: nn.Module, settings: dict, about: dict) -> None:
    """Publish the trained tensors as safetensors; ``about`` (plain JSON) and settings are its metadata."""
    tensors = load_tuner(settings["tuner"]).trained_tensors(model)
    publish_tensors(path, tensors, {"settings": settings, "about": about})


def load_checkpoint(path: Path, weights: Path) -> tuple[Classifier, dict]:
    """The tuned classifier of a checkpoint, adapters merged, on the CPU in eval mode, and its spec.

    Raises ValueError for a damaged checkpoint and for one that was trained from other pretrained weights.
    """
    tensors, settings, about = read_checkpoint(path)
    classifier, spec = build_classifier(weights, about["num_classes"])
    check_weights(path, about, weights, spec)
    restored = load_tuner(settings["tuner"]).restore(classifier, settings, tensors)
    return restored.eval(), spec


def check_weights(path: Path, about: dict, weights: Path, spec: dict) -> None:
    """Raise ValueError for a checkpoint that was trained from other pretrained weights."""
    if about["weights_sha256"] != spec["weights_sha256"]:
        raise ValueError(
            f"{path} was tuned from weights {about['weights_sha256'][:12]}…, not from {weights} "
            f"({spec['weights_sha256'][:12]}…); delete the checkpoint and run again"
        )


def checkpoint_head(path: Path | str) -> LinearHead:
    """Phase 2's own linear head, read from a checkpoint of any tuner."""
    tensors, _, _ = read_checkpoint(Path(path))
    weight, bias = (_ending(tensors, f"head.{name}", path) for name in ("weight", "bias"))
    return LinearHead(weight, bias)


def _ending(tensors: dict[str, Tensor], ending: str, path: Path | str) -> Tensor:
    """The classifier's tensor; the backbone's names are longer, adapters only put a prefix before it."""
    found = [name for name in tensors if name.endswith(ending) and ".backbone." not in f".{name}"]
    if len(found) != 1:
        raise ValueError(
            f"{path} holds {len(found)} tensors named …{ending}; delete the checkpoint and run again"
        )
    return tensors[found[0]].float()


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict, dict]:
    """Tensors, settings and ``about`` of :func:`save_checkpoint`. Raises ValueError for another file."""
    tensors, header = read_tensors(path)
    if not {"settings", "about"} <= set(header):
        raise ValueError(f"{path} is no checkpoint; delete it and run again")
    return tensors, header["settings"], header["about"]
