"""The delivered model: a backbone, adapters merged, and the head on it, as one module."""

import torch
from torch import Tensor, nn

from fact.backbones.interface import Backbone
from fact.training.heads.head import Head

# what a temperature does not divide
ATTENTION = ("query", "value")


class FactClassifier(nn.Module):
    """``backbone`` and the tensors of a :class:`fact.training.heads.head.Head`."""

    def __init__(self, backbone: Backbone, head: Head) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.ParameterDict(
            {name: nn.Parameter(value, requires_grad=False) for name, value in head.tensors.items()}
        )

    @property
    def whole_head(self) -> Head:
        """The head on what the backbone gives."""
        return Head(dict(self.head.items()))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, K) of normalised images (B, 3, S, S); their softmax is calibrated."""
        return self.logits_and_pooled(images)[0]

    def logits_and_pooled(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (B, K) of normalised images (B, 3, S, S), and the backbone's vectors (B, D)."""
        if self.whole_head.reads_tokens:
            pooled, tokens = self.backbone.pooled_and_tokens(images)
        else:
            pooled, tokens = self.backbone(images), None
        return self.whole_head.logits(pooled, tokens), pooled


def calibrated(head: Head, temperature: float) -> Head:
    """Return the head whose logits are divided by the temperature."""
    scaled = {
        name: value if name in ATTENTION else value / temperature for name, value in head.tensors.items()
    }
    return Head({name: value.to(torch.float32) for name, value in scaled.items()})


def pooled_linear(head: Head, pooled_is_mean: bool) -> tuple[Tensor, Tensor] | None:
    """Return weight (K, D) and bias (K,) of a head that is linear on the pooled vector; None for one that is
    not.

    ``pooled_is_mean``: the backbone's pooled vector is the mean of its tokens.
    """
    if head.kind == "map" or head.transforms or (head.reads_tokens and not pooled_is_mean):
        return None
    parts = [head.tensors[name] for name in ("weight", "token_weight") if name in head.tensors]
    return torch.stack(parts).sum(0), head.tensors["bias"]
