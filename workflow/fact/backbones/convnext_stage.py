"""ConvNeXt cut off after its third stage: a feature map of stride 16, averaged to one vector.

ConvNeXt-T ends in 768 features; where the paper speaks of 384, this is its third stage's width. Importing
this module tells timm the name ``convnext_tiny_stage2``.
"""

from typing import Any, cast

from timm.layers import ClassifierHead
from timm.models import build_model_with_cfg, convnext, generate_default_cfgs, register_model
from torch import Tensor, nn

__all__ = ["ConvNeXtStage2", "convnext_tiny_stage2"]

# stages 0 to 2
KEPT = 3


class ConvNeXtStage2(convnext.ConvNeXt):
    """timm's ConvNeXt without its last stage; the pooled vector is the plain average of stage 2."""

    def __init__(self, num_classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(num_classes=0, **kwargs)
        self.stages, self.feature_info = nn.Sequential(*list(self.stages)[:KEPT]), self.feature_info[:KEPT]
        self.num_features = self.head_hidden_size = cast("int", self.feature_info[-1]["num_chs"])
        self.num_classes = num_classes
        self.head = ClassifierHead(self.num_features, num_classes, pool_type="avg")


def checkpoint_filter_fn(tensors: dict[str, Tensor], model: ConvNeXtStage2) -> dict[str, Tensor]:
    """Return published tensors of a whole ConvNeXt, under timm's names or the authors', as far as used."""
    last = (f"stages.{KEPT}.", f"downsample_layers.{KEPT}.", "norm.", "head.")
    kept = {name: value for name, value in tensors.items() if not name.startswith(last)}
    return convnext.checkpoint_filter_fn(kept, model)


default_cfgs = generate_default_cfgs(
    {
        "convnext_tiny_stage2": {
            "hf_hub_id": "timm/convnext_tiny.fb_in1k",
            "input_size": (3, 224, 224),
            "interpolation": "bicubic",
            "mean": (0.485, 0.456, 0.406),
            "std": (0.229, 0.224, 0.225),
            "license": "apache-2.0",
            "first_conv": "stem.0",
            "classifier": "head.fc",
        }
    }
)


@register_model
def convnext_tiny_stage2(pretrained: bool = False, **kwargs: Any) -> ConvNeXtStage2:
    """Return ConvNeXt-T up to its third stage: 384 features, 14×14 tokens at 224."""
    sizes = {"depths": (3, 3, 9, 3), "dims": (96, 192, 384, 768), **kwargs}
    return build_model_with_cfg(
        ConvNeXtStage2, "convnext_tiny_stage2", pretrained, pretrained_filter_fn=checkpoint_filter_fn, **sizes
    )
