"""The head of a segmentation model: neck, UPerNet and an auxiliary FCN, on multi-level features.

UPerNet (Xiao et al., ECCV 2018) comes from transformers; the neck that makes a pyramid of a ViT's maps
is mmsegmentation's MultiLevelNeck, written anew.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from fact.infra.needed import needed
from fact.infra.process.heavy_imports import collector_rests
from fact.tasks.segmentation.settings import DecoderSettings

# of a ViT's four equal grids: twice up, as they are, down
NECK_SCALES = (4.0, 2.0, 1.0, 0.5)
CLASSIFIER_STD = 0.01


class MultiLevelNeck(nn.Module):
    """A pyramid from maps of one grid: each is projected (1×1), resized and convolved (3×3)."""

    def __init__(self, channels: Sequence[int], width: int, scales: Sequence[float] = NECK_SCALES) -> None:
        super().__init__()
        self.scales = list(scales)
        self.lateral = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in scales)
        for layer in (*self.lateral, *self.smooth):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, pyramid: Sequence[Tensor]) -> list[Tensor]:
        maps = []
        for level, project, scale, smooth in zip(
            pyramid, self.lateral, self.scales, self.smooth, strict=True
        ):
            size = [max(1, int(side * scale)) for side in level.shape[-2:]]
            resized = F.interpolate(project(level), size, mode="bilinear", align_corners=False)
            maps.append(smooth(resized))
        return maps


class Decoder(nn.Module):
    """Logits from a feature pyramid, maps (B, C, h, w): of UPerNet, (B, K, h, w) of the finest map, and of
    the auxiliary head.

    ``plain``: the maps share one grid, so that a neck makes a pyramid of them.
    """

    def __init__(
        self, channels: Sequence[int], plain: bool, num_classes: int, settings: DecoderSettings
    ) -> None:
        super().__init__()
        with collector_rests():
            from transformers import UperNetConfig
            from transformers.models.upernet.modeling_upernet import UperNetFCNHead, UperNetHead

        config = UperNetConfig(
            hidden_size=settings.channels,
            pool_scales=list(settings.pool_scales),
            auxiliary_channels=settings.auxiliary_channels,
        )
        config.num_labels = num_classes
        width = settings.neck_channels or channels[-1]
        self.neck = MultiLevelNeck(channels, width) if plain else nn.Identity()
        widths = [width] * len(channels) if plain else list(channels)
        self.upernet = UperNetHead(config, widths)
        self.auxiliary = UperNetFCNHead(config, widths, in_index=settings.auxiliary_level)
        for head in (self.upernet, self.auxiliary):
            nn.init.normal_(head.classifier.weight, std=CLASSIFIER_STD)
            nn.init.zeros_(needed(head.classifier.bias, "bias of the classifier"))
            dropped = nn.Sequential(nn.Dropout2d(settings.dropout), head.classifier)
            head.add_module("classifier", dropped)

    def forward(self, pyramid: Sequence[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return logits and, while training, those of the auxiliary head."""
        maps = self.neck(pyramid)
        return self.upernet(maps), self.auxiliary(maps) if self.training else None
