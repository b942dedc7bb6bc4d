"""Semantic patterns: a few local vectors of an image, what FreeSel compares images by.

Source: Xie et al., "Towards Free Data Selection with General-Purpose Models", NeurIPS 2023, section 4.1:
patch tokens of a ViT before its last block, those that the class token attends to, clustered by K-Means.
"""

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from fact.backbones.interface import Backbone
from fact.backbones.timm_model import TimmModel

if TYPE_CHECKING:
    from timm.layers import Attention

LLOYD = 20


class PatternBackbone(nn.Module):
    """A backbone whose "tokens" are the ``count`` patterns of an image, (B, 1, count, C).

    Of a ViT they come from the tokens before its last block, and only of those that hold ``share`` of the
    last block's attention of the class token. Models without such attention, CNNs for one, give all cells of
    their last map. An image with fewer distinct cells than patterns repeats its first pattern.
    """

    def __init__(self, backbone: Backbone, count: int, share: float) -> None:
        super().__init__()
        self.backbone, self.count, self.share = backbone, count, share

    def pooled_and_tokens(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return pooled vectors (B, D) and patterns (B, 1, count, C) of normalised images (B, 3, S, S)."""
        if not _attends(self.backbone.model):
            pooled, grid = self.backbone.pooled_and_tokens(images)
            cells = grid.flatten(1, 2).float()
            kept = torch.ones(cells.shape[:2], dtype=torch.bool, device=cells.device)
        else:
            pooled, cells, attention = _local(self.backbone.model, images)
            kept = attended(attention.float(), self.share)
        return pooled, cluster_cells(cells.float(), kept, self.count)[:, None]


def attended(attention: Tensor, share: float) -> Tensor:
    """Return the fewest cells that hold more than ``share`` of the ``attention`` (B, n), as a mask (B, n).

    Of equally attended cells the first comes first.
    """
    attention = attention / attention.sum(dim=1, keepdim=True)
    order = attention.argsort(dim=1, descending=True, stable=True)
    before = attention.gather(1, order).cumsum(dim=1) - attention.gather(1, order)
    return torch.zeros_like(attention, dtype=torch.bool).scatter(1, order, before <= share)


def cluster_cells(cells: Tensor, kept: Tensor, count: int) -> Tensor:
    """Cluster each image's ``kept`` (B, n) cells (B, n, C): its centres, (B, count, C).

    It starts from the cell nearest to their mean and the farthest from those before, so that no random
    number plays a part. Empty clusters, of an image with fewer distinct cells, become its first centre.
    """
    centres = _farthest_first(cells, kept, count)
    for _ in range(LLOYD):
        centres, empty = _means(cells, kept, centres)
    return torch.where(empty[..., None], centres[:, :1], centres)


def _farthest_first(cells: Tensor, kept: Tensor, count: int) -> Tensor:
    weight = kept.to(cells.dtype)[..., None]
    centres = (cells * weight).sum(dim=1, keepdim=True) / weight.sum(dim=1, keepdim=True)
    first = torch.cdist(cells, centres)[..., 0].masked_fill(~kept, torch.inf).argmin(dim=1)
    chosen = [first]
    nearest = torch.full(kept.shape, torch.inf, device=cells.device).to(cells.dtype)
    for _ in range(count - 1):
        last = cells[torch.arange(len(cells)), chosen[-1]]
        nearest = torch.minimum(nearest, (cells - last[:, None]).norm(dim=2))
        chosen.append(nearest.masked_fill(~kept, -1).argmax(dim=1))
    return torch.stack([cells[torch.arange(len(cells)), picks] for picks in chosen], dim=1)


def _means(cells: Tensor, kept: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """Return centres after one Lloyd step, and which clusters are empty (those stay where they were)."""
    owner = torch.cdist(cells, centres).argmin(dim=2)
    member = nn.functional.one_hot(owner, centres.shape[1]) * kept[..., None]
    sizes = member.sum(dim=1)
    sums = member.to(cells.dtype).transpose(1, 2) @ cells
    empty = sizes == 0
    return torch.where(empty[..., None], centres, sums / sizes.clamp(min=1)[..., None]), empty


def _attends(model: nn.Module) -> bool:
    """Return whether it is a ViT with a class token whose last block's attention can be read."""
    blocks = getattr(model, "blocks", None)
    if not blocks or not hasattr(getattr(blocks[-1], "attn", None), "q_norm"):
        return False
    return bool(getattr(model, "has_class_token", False))


def _local(model: TimmModel, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return pooled (B, D), tokens before the last block (B, n, C), the class token's attention (B, n)."""
    seen: dict[str, Tensor] = {}
    attn = cast("Attention", model.blocks[-1].attn)
    hook = attn.register_forward_pre_hook(lambda _, inputs: seen.update(input=inputs[0]))
    try:
        last, (cells,) = model.forward_intermediates(
            images, indices=[len(model.blocks) - 2], norm=True, output_fmt="NLC"
        )
    finally:
        hook.remove()
    attention = _class_attention(attn, seen["input"])
    return model.forward_head(last, pre_logits=True), cells, attention[:, model.num_prefix_tokens :]


def _class_attention(attn: "Attention", tokens: Tensor) -> Tensor:
    """Return attention (B, n) of the first token to all, the mean over heads."""
    query, key, _ = attn.qkv(tokens).unflatten(2, (3, attn.num_heads, -1)).permute(2, 0, 3, 1, 4)
    query, key = attn.q_norm(query[:, :, :1]), attn.k_norm(key)
    return (query @ key.transpose(-2, -1) * attn.scale).softmax(dim=-1).mean(dim=1)[:, 0]
