"""The feature pyramid of a timm model: what a segmentation head sees of a backbone.

A vision transformer gives the tokens after a quarter, a half, three quarters and all of its blocks (3, 6, 9
and 12 of ViT-S), all on one grid; a convolutional network its feature pyramid, the last four strides.
"""

import torch
from torch import Tensor, nn

from fact.backbones.interface import Backbone
from fact.infra.errors import ConfigError

LEVELS = 4


class FeaturePyramid(nn.Module):
    """A backbone that gives ``LEVELS`` maps (B, C, h, w) of normalised images (B, 3, H, W), finest first.

    ``channels`` are the widths of the maps, ``plain`` says whether they share one grid (a ViT's do), and
    ``stride`` is the side of the pixels behind one cell of the coarsest: sides of images must be a multiple.
    Raises ConfigError for a model without such features.
    """

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.model = backbone.model
        name = type(self.model).__name__
        if not hasattr(self.model, "forward_intermediates"):
            raise ConfigError(f"{name} gives no features by level; segmentation needs a timm ViT or CNN")
        blocks = getattr(self.model, "blocks", None)
        embed = getattr(self.model, "patch_embed", None)
        is_vit = embed is not None and isinstance(blocks, nn.Sequential) and hasattr(embed, "patch_size")
        quarters = _quarters(len(self.model.blocks)) if is_vit else []
        self.plain, self.indices = is_vit, quarters or LEVELS
        info = self.model.feature_info
        info = info if isinstance(info, list) else info.info
        chosen = [info[i] for i in quarters] if is_vit else info[-LEVELS:]
        if len(chosen) < LEVELS:
            raise ConfigError(f"{name} has {len(chosen)} levels, segmentation needs {LEVELS}")
        self.channels: list[int] = [level["num_chs"] for level in chosen]
        self.stride: int = max(level["reduction"] for level in chosen)

    def forward(self, images: Tensor) -> list[Tensor]:
        pyramid = self.model.forward_intermediates(images, indices=self.indices, intermediates_only=True)
        return [level.contiguous() for level in pyramid]

    @torch.no_grad()
    def shapes(self, side: int) -> list[list[int]]:
        """Return [C, h, w] of each level for square images, by one forward pass on a blank image."""
        training = self.training
        blank = torch.zeros(1, 3, side, side, device=next(self.parameters()).device)
        shapes = [list(level.shape[1:]) for level in self.eval()(blank)]
        self.train(training)
        return shapes


def _quarters(depth: int) -> list[int]:
    """Return the 0-based blocks after each quarter of the depth."""
    return [-(-depth * part // LEVELS) - 1 for part in range(1, LEVELS + 1)]
