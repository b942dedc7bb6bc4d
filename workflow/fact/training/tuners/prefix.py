"""Prefix tuning (Li and Liang, ACL 2021): learnt keys and values before those of every attention.

n prefixes train 2·n·D parameters a block: with 15 on ViT-S/16 and 10 classes 142,090, the paper's 0.65 %.
Step 0 is not the identity: attention falls on the prefixes, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fact.backbones.interface import Classifier
from fact.training.added import load_trained, trained_tensors, transformer

__all__ = ["Settings", "prepare", "restore", "trained_tensors"]

if TYPE_CHECKING:
    from timm.layers import Attention


@dataclass(frozen=True)
class Settings:
    """How many keys and values are learnt for every attention."""

    num_tokens: int


def prepare(classifier: Classifier, settings: Settings) -> Classifier:
    """Return the classifier with prefixes in every attention; only these and the head are trainable.

    Prefixes are drawn from torch's global generator: seed it before.
    Raises ConfigError where the backbone is no ViT.
    """
    for block in transformer(classifier, "prefix").blocks:
        block.attn = PrefixAttention(cast("Attention", block.attn), settings.num_tokens)
    return classifier


def restore(classifier: Classifier, settings: Settings, tensors: Mapping[str, Tensor]) -> Classifier:
    """Return the tuned classifier, from a fresh one and a checkpoint's tensors.

    Raises ArtifactError when the checkpoint's tensors are not those of this backbone and recipe.
    """
    return load_trained(prepare(classifier, settings), tensors)


class PrefixAttention(nn.Module):
    """timm's attention over its own keys and values and n learnt ones, ``keys`` and ``values (n, D)``."""

    def __init__(self, attention: "Attention", num_tokens: int) -> None:
        super().__init__()
        self.attention = attention
        weight = attention.proj.weight
        self.keys, self.values = (
            nn.Parameter(nn.init.normal_(weight.new_empty(num_tokens, attention.attn_dim), std=0.02))
            for _ in range(2)
        )

    def forward(self, tokens: Tensor, attn_mask: Tensor | None = None, is_causal: bool = False) -> Tensor:
        if attn_mask is not None or is_causal:
            raise ValueError("prefix tuning knows no attention masks; images need none")
        inner = self.attention
        q, k, v = inner.qkv(tokens).unflatten(-1, (3, inner.num_heads, -1)).permute(2, 0, 3, 1, 4)
        k = torch.cat([self._heads(self.keys, k), inner.k_norm(k)], dim=2)
        v = torch.cat([self._heads(self.values, v), v], dim=2)
        dropout = inner.attn_drop.p if self.training else 0.0
        read = F.scaled_dot_product_attention(inner.q_norm(q), k, v, dropout_p=dropout)
        read = inner.norm(read.transpose(1, 2).flatten(2))
        if inner.gate is not None:
            read = read * inner.gate(tokens).sigmoid()
        return inner.proj_drop(inner.proj(read))

    def _heads(self, prefix: Tensor, like: Tensor) -> Tensor:
        """Return (n, D) as (B, heads, n, D / heads), in the dtype that autocast has given the others."""
        heads = prefix.to(like.dtype).unflatten(-1, (like.shape[1], -1)).transpose(0, 1)
        return heads.expand(len(like), -1, -1, -1)
