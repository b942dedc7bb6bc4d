"""Files of segmentation: heads, checkpoints, and segmentations to be shown."""

from pathlib import Path

from torch import Tensor, nn

from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.model import Segmenter, build_segmenter
from fact.training.checkpoint import check_weights, read_checkpoint, save_checkpoint
from fact.training.classifier import load_tuner

HEAD = "fact-segmentation-head"
SHOWN = "fact-segmentations"


def save_head(path: Path, head: Decoder, about: dict) -> None:
    """Publish a head's tensors; ``about`` is plain JSON."""
    publish_tensors(path, head.state_dict(), {"format": HEAD, "about": about})


def load_head_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of :func:`save_head`. Raises ValueError for another file."""
    return _read(path, HEAD)


def save_segmenter(path: Path, model: nn.Module, training: dict, about: dict) -> None:
    """Publish what was trained; ``about`` has ``num_classes``, ``weights_sha256`` and ``decoder``."""
    save_checkpoint(path, model, training, about)


def load_segmenter(path: Path, weights: Path) -> tuple[Segmenter, dict]:
    """The tuned model of a checkpoint, adapters merged, on the CPU in eval mode, and the backbone's spec.

    Raises ValueError for a damaged checkpoint and for one that was trained from other pretrained weights.
    """
    tensors, settings, about = read_checkpoint(path)
    model, spec = build_segmenter(weights, about["num_classes"], about["decoder"])
    check_weights(path, about, weights, spec)
    restored = load_tuner(settings["tuner"]).restore(model, settings, tensors)
    return restored.eval(), spec


def save_shown(path: Path, shown: dict[str, Tensor]) -> None:
    """Publish predicted masks uint8 (H, W) by sample id."""
    publish_tensors(path, shown, {"format": SHOWN})


def load_shown(path: Path) -> dict[str, Tensor]:
    """The masks of :func:`save_shown`. Raises ValueError for another file."""
    return _read(path, SHOWN)


def _read(path: Path, wanted: str) -> dict[str, Tensor]:
    tensors, header = read_tensors(path)
    if header.get("format") != wanted:
        raise ValueError(f"{path} is {header.get('format')}, not {wanted}; delete it and run again")
    return tensors
