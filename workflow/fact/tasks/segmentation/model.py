"""The segmentation model: a backbone's feature pyramid and a head on it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from fact.backbones.spec import BackboneSpec
from fact.backbones.weights import load_backbone
from fact.data.masks import IGNORE
from fact.infra.errors import ArtifactError
from fact.tasks.segmentation.decoder import Decoder
from fact.tasks.segmentation.feature_pyramid import FeaturePyramid
from fact.tasks.segmentation.settings import DecoderSettings


class Segmenter(nn.Module):
    """Backbone and head, under the names that tuners know."""

    def __init__(self, backbone: FeaturePyramid, head: Decoder) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return coarser logits of normalised images (B, 3, H, W), and auxiliary ones in training."""
        return self.head(self.backbone(images))


def build_segmenter(
    weights: Path, num_classes: int, decoder: DecoderSettings, *, drop_path: float = 0.0
) -> tuple[Segmenter, BackboneSpec]:
    """Return the pretrained backbone with a random head, and the backbone's spec.

    The head is drawn from torch's global generator.
    """
    backbone, spec = load_backbone(weights, drop_path=drop_path, any_size=True)
    pyramid = FeaturePyramid(backbone)
    head = Decoder(pyramid.channels, pyramid.plain, num_classes=num_classes, settings=decoder)
    return Segmenter(pyramid, head).eval(), spec


def load_head_tensors(model: Segmenter, tensors: Mapping[str, Tensor]) -> None:
    """Put a head's tensors into a model. Raises ArtifactError when they are those of another head."""
    try:
        model.head.load_state_dict(dict(tensors))
    except RuntimeError as error:
        raise ArtifactError(
            f"the head is of another backbone or decoder; delete it and run again ({error})"
        ) from error


def segmentation_loss(
    outputs: tuple[Tensor, Tensor | None], masks: Tensor, auxiliary_weight: float
) -> Tensor:
    """Return the mean cross-entropy over pixels with a class, of masks (B, H, W); 0 where no pixel has one.

    The auxiliary head's counts by its weight.
    """
    logits, auxiliary = outputs
    total = _cross_entropy(logits, masks)
    return total if auxiliary is None else total + auxiliary_weight * _cross_entropy(auxiliary, masks)


def enlarge(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Return logits (B, K, h, w) at another size (H, W), float32."""
    return F.interpolate(logits.float(), tuple(size), mode="bilinear", align_corners=False)


def _cross_entropy(logits: Tensor, masks: Tensor) -> Tensor:
    losses = F.cross_entropy(enlarge(logits, masks.shape[-2:]), masks, ignore_index=IGNORE, reduction="sum")
    return losses / (masks != IGNORE).sum().clamp(min=1)
