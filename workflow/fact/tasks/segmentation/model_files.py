"""Files of segmentation: heads, checkpoints, and example predictions."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import load_backbone
from fact.infra.errors import ArtifactError
from fact.infra.files.sha256 import file_sha256
from fact.infra.files.tensors import publish_tensors, read_tensors
from fact.infra.needed import needed
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.model import Segmenter, build_segmenter
from fact.tasks.segmentation.settings import read_decoder
from fact.training.checkpoint import read_checkpoint, restore

HEAD = "fact-segmentation-head"
EXAMPLES = "fact-segmentations"


def save_segmentation_head(path: Path, head: Decoder, metadata: Mapping[str, object]) -> None:
    """Publish a head's tensors; ``metadata`` is plain JSON."""
    publish_tensors(path, head.state_dict(), {"format": HEAD, "about": metadata})


def read_segmentation_head(path: Path) -> dict[str, Tensor]:
    """Read the tensors of :func:`save_segmentation_head`. Raises ArtifactError for another file."""
    return _read(path, HEAD)


def load_segmenter(path: Path, weights: Path) -> tuple[Segmenter, BackboneSpec]:
    """Return the tuned model of a checkpoint, adapters merged, on the CPU in eval mode, and the backbone's
    spec.

    Its metadata hold ``decoder`` too. Raises ArtifactError for a damaged checkpoint and for one that was
    trained from other pretrained weights.
    """
    checkpoint = read_checkpoint(path)
    decoder = read_decoder(checkpoint.metadata["decoder"])
    model, spec = build_segmenter(weights, checkpoint.metadata["num_classes"], decoder)
    return restore(path, checkpoint, model, spec=spec), spec


def load_pyramid(weights: Path, checkpoint: Path | None) -> tuple[FeaturePyramid, BackboneSpec, str]:
    """Return a checkpoint's backbone, or the pretrained one, its spec, and the checksum of its file."""
    if checkpoint is not None:
        model, spec = load_segmenter(checkpoint, weights)
        return model.backbone, spec, file_sha256(checkpoint)
    backbone, spec = load_backbone(weights, any_size=True)
    return FeaturePyramid(backbone).eval(), spec, needed(spec.weights_sha256, "sha256 of the weights")


def save_examples(path: Path, examples: Mapping[str, Tensor]) -> None:
    """Publish predicted masks uint8 (H, W) by sample id."""
    publish_tensors(path, examples, {"format": EXAMPLES})


def load_examples(path: Path) -> dict[str, Tensor]:
    """Read the masks of :func:`save_examples`. Raises ArtifactError for another file."""
    return _read(path, EXAMPLES)


def _read(path: Path, wanted: str) -> dict[str, Tensor]:
    tensors, header = read_tensors(path)
    if header.get("format") != wanted:
        raise ArtifactError(f"{path} is {header.get('format')}, not {wanted}; delete it and run again")
    return tensors
