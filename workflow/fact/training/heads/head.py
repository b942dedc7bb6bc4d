"""The classifier of phases 1 and 3: a sum of linear terms on what a frozen backbone gives."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from fact.training.heads.linear import LinearHead

Kind = Literal["lr", "map"]


@dataclass(frozen=True)
class Head:
    """Plain tensors, float32, that give logits; what is absent adds nothing.

    ==============  ==========  ==================================================================
    tensor          shape       acts on
    ==============  ==========  ==================================================================
    bias            (K,)
    weight          (K, D)      the backbone's pooled vector
    token_weight    (K, C)      the patch tokens' mean, or attention-pooled tokens with a query
    query           (H, C)      the tokens: attention logits of H heads (:mod:`fact.training.heads.attention`)
    value           (C, C)      the tokens: V
    ==============  ==========  ==================================================================

    ``kind`` is "map" where tokens are pooled by attention, else "lr"; ``pooling`` names the linear
    terms: "pooled", "mean", "both", "map" or, for attention beside a pooled vector, "pooled+map".
    """

    tensors: dict[str, Tensor]

    @property
    def kind(self) -> Kind:
        return "map" if "query" in self.tensors else "lr"

    @property
    def pooling(self) -> str:
        terms = "map" if self.kind == "map" else "mean"
        if "token_weight" not in self.tensors:
            return "pooled"
        if "weight" not in self.tensors:
            return terms
        return "both" if self.kind == "lr" else "pooled+map"

    @property
    def num_classes(self) -> int:
        return len(self.tensors["bias"])

    def logits(self, pooled: Tensor | None = None, tokens: Tensor | None = None) -> Tensor:
        """Return logits ``(n, K)`` of ``pooled (n, D)`` and ``tokens (n, H, W, C)``, whichever the head
        reads.

        Raises ValueError when what it reads is missing. Large test sets are for the caller to batch:
        tokens are converted to float32 here.
        """
        total = self.tensors["bias"]
        if "weight" in self.tensors:
            total = total + self._of("pooled", pooled) @ self.tensors["weight"].T
        if "token_weight" in self.tensors:
            flat = self._of("tokens", tokens).flatten(1, 2)
            total = total + self._pool(flat) @ self.tensors["token_weight"].T
        return total

    def parameters(self) -> dict[str, int]:
        """Return the numbers of trained values in the pooling and the linear part."""
        sizes = {name: tensor.numel() for name, tensor in self.tensors.items()}
        pooling = sizes.get("query", 0) + sizes.get("value", 0)
        return {"pooling": pooling, "linear": sum(sizes.values()) - pooling}

    def _of(self, name: str, features: Tensor | None) -> Tensor:
        if features is None:
            raise ValueError(
                f"a {self.kind} head on {self.pooling} reads {name}, which are missing; extract them"
            )
        return features.to(self.tensors["bias"])

    def _pool(self, tokens: Tensor) -> Tensor:
        if self.kind == "lr":
            return tokens.mean(1)
        return attend(tokens, self.tensors["query"], self.tensors.get("value"))


def pooled_head(linear: LinearHead) -> Head:
    """Return a linear head on the pooled vector."""
    return _head(weight=linear.weight, bias=linear.bias)


def mean_head(linear: LinearHead) -> Head:
    """Return a linear head on the mean of the tokens."""
    return _head(token_weight=linear.weight, bias=linear.bias)


def both_head(linear: LinearHead, width: int) -> Head:
    """Return a linear head on the pooled vector of ``width`` values followed by the mean of the tokens."""
    return _head(weight=linear.weight[:, :width], token_weight=linear.weight[:, width:], bias=linear.bias)


def attention_head(linear: LinearHead, query: Tensor, value: Tensor | None) -> Head:
    """Return a linear head on tokens pooled by attention under ``query`` and ``value``."""
    values = {} if value is None else {"value": value}
    return _head(token_weight=linear.weight, bias=linear.bias, query=query, **values)


def add_linear(head: Head, linear: LinearHead | None) -> Head:
    """Return ``head`` with the logits of a linear head on the pooled vector added; None adds nothing."""
    if linear is None:
        return head
    weight = head.tensors["weight"] + linear.weight.float() if "weight" in head.tensors else linear.weight
    return _head(**{**head.tensors, "weight": weight, "bias": head.tensors["bias"] + linear.bias.float()})


def _head(**tensors: Tensor) -> Head:
    return Head(
        {name: tensor.detach().to("cpu", torch.float32).contiguous() for name, tensor in tensors.items()}
    )


def attend(tokens: Tensor, query: Tensor, value: Tensor | None = None) -> Tensor:
    """Return attention-pooled ``(n, C)`` of ``tokens (n, T, C)`` under ``query (H, C)``; H must divide C."""
    heads, width = query.shape
    # tokens lie in the last dimension: that product and its gradient are the quicker ones
    attention = torch.softmax(query @ tokens.transpose(1, 2), dim=2)
    # every head reads every channel: one batched product is faster than slices, though H times the work
    pooled = torch.bmm(attention, tokens)
    if value is None:
        blocks = pooled.view(-1, heads, heads, width // heads).diagonal(dim1=1, dim2=2).transpose(1, 2)
    else:
        blocks = torch.einsum("nhc,hkc->nhk", pooled, value.view(heads, width // heads, width))
    return blocks.flatten(1)
