"""Functions of the tuners that add parameters of their own to a frozen vision transformer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from torch import Tensor, nn

from fact.backbones.interface import Classifier
from fact.infra.errors import ArtifactError, ConfigError

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


def transformer(classifier: Classifier, tuner: str) -> "VisionTransformer":
    """Return the backbone's timm model, all frozen but the head, where it is a ViT.

    Raises ConfigError for a backbone whose blocks do not pass a sequence of tokens through timm's attention.
    """
    from timm.layers import Attention
    from timm.models.vision_transformer import VisionTransformer

    model: nn.Module = classifier.backbone.model
    if not isinstance(model, VisionTransformer) or not all(
        isinstance(getattr(block, "attn", None), Attention) for block in model.blocks
    ):
        raise ConfigError(
            f"tuner: {tuner} does not work on {type(model).__name__}, which is no plain vision transformer; "
            f"for this backbone use a recipe of tuner full or lora"
        )
    classifier.backbone.requires_grad_(False)
    classifier.head.requires_grad_(True)
    return model


def trained_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return what a checkpoint stores: the added parameters and the head, never the backbone."""
    return {name: value.detach() for name, value in model.named_parameters() if value.requires_grad}


def load_trained(model: Classifier, tensors: Mapping[str, Tensor]) -> Classifier:
    """Put a checkpoint's tensors into a prepared classifier.

    Raises ArtifactError when they are not those of this backbone, recipe and class count.
    """
    expected = {name: value.shape for name, value in trained_tensors(model).items()}
    check_same_shapes(expected, {name: value.shape for name, value in tensors.items()})
    model.load_state_dict(tensors, strict=False)
    return model


def check_same_shapes(expected: Mapping[str, tuple], actual: Mapping[str, tuple]) -> None:
    """Raise ArtifactError naming the first tensor that is not in both, with one shape."""
    wrong = sorted(expected.items() ^ actual.items())
    if wrong:
        raise ArtifactError(f"the adapter does not fit this backbone: {wrong[0][0]} is not the same in both")
