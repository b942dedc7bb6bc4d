"""The classifier of phases 1 and 3: a sum of linear terms on what a frozen backbone gives."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from fact.training.heads.linear import LinearHead
from fact.training.heads.transform import Transform, transformed

Kind = Literal["lr", "map"]
# what stands before `weight` and `token_weight` of a head on transformed vectors
PREFIXES: dict[str, Transform] = {"": "none", "unit_": "l2", "root_": "l2sqrt"}


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

    ``unit_weight`` and ``unit_token_weight`` act on the same vectors divided by their norms,
    ``root_weight`` and ``root_token_weight`` on the signed square roots of those
    (:mod:`fact.training.heads.transform`). ``kind`` is "map" where tokens are pooled by attention, else
    "lr"; ``pooling`` names the linear terms: "pooled", "mean", "both", "map" or, for attention beside a
    pooled vector, "pooled+map".
    """

    tensors: dict[str, Tensor]

    @property
    def kind(self) -> Kind:
        return "map" if "query" in self.tensors else "lr"

    @property
    def pooling(self) -> str:
        terms = "map" if self.kind == "map" else "mean"
        if not self.reads_tokens:
            return "pooled"
        if not self._has("weight"):
            return terms
        return "both" if self.kind == "lr" else "pooled+map"

    @property
    def reads_tokens(self) -> bool:
        return self._has("token_weight")

    @property
    def transforms(self) -> list[Transform]:
        """What is done to vectors before linear terms that are not on vectors as they are."""
        return [
            transform
            for prefix, transform in PREFIXES.items()
            if prefix and any(name.startswith(prefix) for name in self.tensors)
        ]

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
        if self._has("weight"):
            total = total + self._terms("weight", self._of("pooled", pooled))
        if self.reads_tokens:
            flat = self._of("tokens", tokens).flatten(1, 2)
            total = total + self._terms("token_weight", self._pool(flat))
        return total

    def parameters(self) -> dict[str, int]:
        """Return the numbers of trained values in the pooling and the linear part."""
        sizes = {name: tensor.numel() for name, tensor in self.tensors.items()}
        pooling = sizes.get("query", 0) + sizes.get("value", 0)
        return {"pooling": pooling, "linear": sum(sizes.values()) - pooling}

    def _has(self, name: str) -> bool:
        return any(f"{prefix}{name}" in self.tensors for prefix in PREFIXES)

    def _terms(self, name: str, rows: Tensor) -> Tensor:
        """Return the sum of the linear terms of a name on vectors (n, d), each transformed as its prefix
        says.
        """
        terms = [
            transformed(rows, transform) @ self.tensors[f"{prefix}{name}"].T
            for prefix, transform in PREFIXES.items()
            if f"{prefix}{name}" in self.tensors
        ]
        return sum(terms[1:], terms[0])

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


def pooled_head(linear: LinearHead, transform: Transform = "none") -> Head:
    """Return a linear head on the pooled vector, transformed."""
    return _head(bias=linear.bias, **{f"{_prefix(transform)}weight": linear.weight})


def mean_head(linear: LinearHead, transform: Transform = "none") -> Head:
    """Return a linear head on the mean of the tokens, transformed."""
    return _head(bias=linear.bias, **{f"{_prefix(transform)}token_weight": linear.weight})


def both_head(linear: LinearHead, width: int, transform: Transform = "none") -> Head:
    """Return a linear head on the pooled vector of ``width`` values and the mean of the tokens, each
    transformed.
    """
    parts = {"weight": linear.weight[:, :width], "token_weight": linear.weight[:, width:]}
    return _head(bias=linear.bias, **{f"{_prefix(transform)}{name}": part for name, part in parts.items()})


def _prefix(transform: Transform) -> str:
    return next(prefix for prefix, known in PREFIXES.items() if known == transform)


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
