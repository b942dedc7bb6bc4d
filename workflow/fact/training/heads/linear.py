"""A linear classifier's weights and what is done to them: logits, a change of coordinates, absent classes."""

from typing import NamedTuple

import torch
from torch import Tensor

# A class without a labelled image lies this many nats below the rarest present class: see `pad_absent`.
ABSENT_MARGIN = 10.0


class LinearHead(NamedTuple):
    """``weight (K, d)`` and ``bias (K,)`` of a classifier acting on raw features."""

    weight: Tensor
    bias: Tensor

    def logits(self, features: Tensor) -> Tensor:
        """Logits ``(n, K)`` of features ``(n, d)``, computed in the head's dtype."""
        return torch.addmm(self.bias, features.to(self.weight.dtype), self.weight.T)

    def plus(self, other: "LinearHead") -> "LinearHead":
        """The head whose logits are the sum of both heads' logits."""
        return LinearHead(self.weight + other.weight, self.bias + other.bias)

    def minus(self, other: "LinearHead") -> "LinearHead":
        """The head whose logits are the difference of both heads' logits."""
        return LinearHead(self.weight - other.weight, self.bias - other.bias)


def zero_head(num_classes: int, width: int, dtype: torch.dtype = torch.float64) -> LinearHead:
    """The head that gives every class the logit 0."""
    return LinearHead(torch.zeros(num_classes, width, dtype=dtype), torch.zeros(num_classes, dtype=dtype))


def fitted_classes(labels: Tensor, num_classes: int, offset: Tensor | None) -> tuple[Tensor, Tensor]:
    """The classes that a fit has rows for, sorted, and ``labels`` as positions among them.

    All classes when ``offset`` logits hold the absent ones in place, else those present in ``labels``.
    """
    if offset is not None:
        return torch.arange(num_classes), labels
    return torch.unique(labels, return_inverse=True)


def pad_absent(head: LinearHead, present: Tensor, num_classes: int) -> LinearHead:
    """Put a head fitted on the ``present`` classes (sorted indices) into its rows among ``num_classes``.

    With a free intercept the optimum for a class without a sample is bias = -infinity. It gets zero
    weights and the smallest present bias minus :data:`ABSENT_MARGIN` instead. Since the fitted weights
    sum to zero over the classes, some present class has a logit of at least the smallest present bias
    on *every* input: an absent class is never predicted and its probability stays below
    exp(-10) = 4.5e-5. The margin is finite and modest because the head also starts the finetuning of a
    backbone, where label smoothing asks every class for a little probability: far larger a margin would
    let that term rule the loss, and minus infinity would make it infinite.
    """
    weight = head.weight.new_zeros(num_classes, head.weight.shape[1])
    bias = head.bias.new_full((num_classes,), float(head.bias.min()) - ABSENT_MARGIN)
    weight[present] = head.weight
    bias[present] = head.bias
    return LinearHead(weight, bias)
