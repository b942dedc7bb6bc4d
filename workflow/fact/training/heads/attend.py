"""Attention pooling of patch tokens: the forward pass."""

import torch
from torch import Tensor


def attend(tokens: Tensor, query: Tensor, value: Tensor | None = None) -> Tensor:
    """Attention-pooled ``(n, C)`` of ``tokens (n, T, C)`` under ``query (H, C)``; H must divide C."""
    heads, width = query.shape
    attention = torch.softmax(tokens @ query.T, dim=1)
    # every head reads every channel: one batched product is faster than slices, though H times the work
    pooled = torch.bmm(attention.transpose(1, 2), tokens)
    if value is None:
        blocks = pooled.view(-1, heads, heads, width // heads).diagonal(dim1=1, dim2=2).transpose(1, 2)
    else:
        blocks = torch.einsum("nhc,hkc->nhk", pooled, value.view(heads, width // heads, width))
    return blocks.flatten(1)
