"""Vision-LSTM (ViL, version 2; Alkin et al., ICLR 2025): mLSTM blocks over patches in two directions.

Even blocks read the patches row by row from the top left, odd ones from the bottom right. The authors'
weights (81.5 % on ImageNet-1k) load by :func:`checkpoint_filter_fn`. Importing this module tells timm the
name ``vil2_small``.
"""

import re
from dataclasses import dataclass
from typing import Any

import torch
from timm.layers import PatchEmbed
from timm.models import (
    build_model_with_cfg,
    checkpoint,
    generate_default_cfgs,
    register_model,
)
from torch import Tensor, nn
from torch.nn import functional as F

from fact.backbones.vil_block import Block, OffsetNorm
from fact.infra.errors import ConfigError
from fact.infra.needed import needed

__all__ = ["VisionLSTM", "vil2_small"]

POOLINGS = ("ends", "ends_avg", "avg")


@dataclass(frozen=True)
class ViLOptions:
    """The arguments that timm's ``create_model`` may give.

    ``global_pool``: ``ends`` joins the first and the last token (2·embed_dim, as the published weights were
    trained), ``ends_avg`` averages these two, ``avg`` all tokens (embed_dim each). ``legacy_norm``: the layer
    norm after ``ends`` that the published weights have. ``chunk_size``: None for mLSTM's parallel form, a
    number for the chunkwise one (:func:`fact.backbones.mlstm.mlstm`). Images may have any sides that are
    multiples of ``patch_size``; position embeddings are interpolated.
    """

    img_size: int | tuple[int, int] = 224
    patch_size: int = 16
    in_chans: int = 3
    num_classes: int = 1000
    embed_dim: int = 384
    depth: int = 24
    global_pool: str = "ends"
    legacy_norm: bool = True
    drop_path_rate: float = 0.0
    chunk_size: int | None = None


class VisionLSTM(nn.Module):
    """ViL of ``depth`` blocks of width ``embed_dim``, by timm's conventions (forward_features, forward_head).

    Its arguments are those of :class:`ViLOptions`. Raises ConfigError for an unknown ``global_pool``,
    TypeError for an unknown argument.
    """

    num_prefix_tokens = 0

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        options = ViLOptions(**arguments)
        width, pool = options.embed_dim, options.global_pool
        if pool not in POOLINGS:
            raise ConfigError(f"global_pool '{pool}' is unknown; use one of {', '.join(POOLINGS)}")
        self.global_pool, self.num_classes, self.embed_dim = pool, options.num_classes, width
        self.num_features = width * (2 if pool == "ends" else 1)
        self.patch_embed = PatchEmbed(
            options.img_size, options.patch_size, options.in_chans, width, strict_img_size=False
        )
        self.pos_embed = nn.Parameter(torch.zeros(1, *self.patch_embed.grid_size, width))
        self.blocks = nn.ModuleList(
            Block(
                width,
                reverse=index % 2 == 1,
                drop_path=options.drop_path_rate,
                chunk_size=options.chunk_size,
            )
            for index in range(options.depth)
        )
        self.norm = OffsetNorm(width, eps=1e-6)
        self.grad_checkpointing = False
        with_norm = options.legacy_norm and pool == "ends"
        self.legacy_norm = nn.LayerNorm(self.num_features) if with_norm else nn.Identity()
        classes = options.num_classes
        self.head = nn.Linear(self.num_features, classes) if classes else nn.Identity()
        self._initialise()

    def _initialise(self) -> None:
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.xavier_uniform_(self.patch_embed.proj.weight.flatten(1))
        nn.init.zeros_(needed(self.patch_embed.proj.bias, "bias of the patch embedding"))
        if isinstance(self.head, nn.Linear):
            nn.init.trunc_normal_(self.head.weight, std=2e-5)
            nn.init.zeros_(self.head.bias)

    def set_grad_checkpointing(self, enable: bool = True) -> None:
        """Set whether the backward pass computes the blocks' activations again instead of keeping them."""
        self.grad_checkpointing = enable

    def get_classifier(self) -> nn.Module:
        """Return the linear head, or the identity without one."""
        return self.head

    def forward_features(self, images: Tensor) -> Tensor:
        """Return tokens (B, H·W, C), row by row, of images (B, 3, 16·H, 16·W)."""
        height, width = images.shape[-2:]
        grid = self.patch_embed.dynamic_feat_size((height, width))
        tokens = self.patch_embed(images) + self._positions(grid)
        for block in self.blocks:
            tokens = checkpoint(block, tokens, grid) if self.grad_checkpointing else block(tokens, grid)
        return self.norm(tokens)

    def forward_head(self, tokens: Tensor, pre_logits: bool = False) -> Tensor:
        """Return logits (B, K) of tokens (B, S, C), or with ``pre_logits`` the pooled vectors."""
        pooled = self.legacy_norm(_pool(tokens, self.global_pool))
        return pooled if pre_logits else self.head(pooled)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, K) of images (B, 3, 16·H, 16·W)."""
        return self.forward_head(self.forward_features(images))

    def _positions(self, grid: tuple[int, int]) -> Tensor:
        embedding: Tensor = self.pos_embed
        if grid != tuple(embedding.shape[1:3]):
            embedding = resize_positions(embedding, grid)
        return embedding.flatten(1, 2)


def _pool(tokens: Tensor, kind: str) -> Tensor:
    if kind == "avg":
        return tokens.mean(1)
    first, last = tokens[:, 0], tokens[:, -1]
    return torch.cat([first, last], dim=1) if kind == "ends" else (first + last) / 2


def resize_positions(embedding: Tensor, grid: tuple[int, int]) -> Tensor:
    """Return position embeddings (1, h, w, C) for another grid (H, W), bicubic."""
    image = embedding.permute(0, 3, 1, 2)
    return F.interpolate(image, size=grid, mode="bicubic").permute(0, 2, 3, 1)


# (published name, name here), applied in this order
RENAMED = (
    (r"^xlstm\.", ""),
    (r"\.xlstm_norm\.", ".norm."),
    (r"\.xlstm\.", ".layer."),
    (r"\.conv1d\.", ".conv."),
    (r"\.mlstm_cell\.igate\.", ".input_gate."),
    (r"\.mlstm_cell\.fgate\.", ".forget_gate."),
    (r"\.mlstm_cell\.outnorm\.", ".head_norm."),
    (r"\.learnable_skip$", ".skip"),
    (r"^pos_embed\.embed$", "pos_embed"),
    (r"^post_blocks_norm\.", "norm."),
    (r"^head\.0\.", "legacy_norm."),
    (r"^head\.1\.", "head."),
)


def checkpoint_filter_fn(tensors: dict[str, Tensor], model: VisionLSTM) -> dict[str, Tensor]:
    """Return the authors' published tensors under the names here; tensors under these names pass unchanged.

    Position embeddings are resized to the model's grid; ``legacy_norm`` is left out where it has none.
    """
    renamed = {_renamed(name): value for name, value in tensors.items()}
    if isinstance(model.legacy_norm, nn.Identity):
        renamed = {name: value for name, value in renamed.items() if not name.startswith("legacy_norm.")}
    old = renamed.get("pos_embed")
    if old is not None and old.shape[1:3] != model.pos_embed.shape[1:3]:
        height, width = model.pos_embed.shape[1:3]
        renamed["pos_embed"] = resize_positions(old.float(), (height, width))
    return renamed


def _renamed(name: str) -> str:
    for pattern, replacement in RENAMED:
        name = re.sub(pattern, replacement, name)
    return name


default_cfgs = generate_default_cfgs(
    {
        "vil2_small": {
            "input_size": (3, 224, 224),
            "interpolation": "bicubic",
            "mean": (0.485, 0.456, 0.406),
            "std": (0.229, 0.224, 0.225),
            "crop_pct": 1.0,
            "first_conv": "patch_embed.proj",
            "classifier": "head",
        }
    }
)


@register_model
def vil2_small(pretrained: bool = False, **kwargs: Any) -> VisionLSTM:
    """Return ViL-S of version 2: 24 blocks of width 384, 23,398,696 parameters with 1,000 classes."""
    return build_model_with_cfg(
        VisionLSTM, "vil2_small", pretrained, pretrained_filter_fn=checkpoint_filter_fn, **kwargs
    )
