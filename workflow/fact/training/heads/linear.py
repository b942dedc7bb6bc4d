"""A linear classifier's weights and what is done to them: logits, a change of coordinates, absent classes."""

from dataclasses import dataclass
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
        """Return logits ``(n, K)`` of features ``(n, d)``, computed in the head's dtype."""
        return torch.addmm(self.bias, features.to(self.weight.dtype), self.weight.T)

    def plus(self, other: "LinearHead") -> "LinearHead":
        """Return the head whose logits are the sum of both heads' logits."""
        return LinearHead(self.weight + other.weight, self.bias + other.bias)

    def minus(self, other: "LinearHead") -> "LinearHead":
        """Return the head whose logits are the difference of both heads' logits."""
        return LinearHead(self.weight - other.weight, self.bias - other.bias)


@dataclass(frozen=True)
class Samples:
    """What a head is fitted on: features (n, d) or tokens (n, T, C), and class indices (n,) below
    ``num_classes``.

    ``weights (n,)`` weigh the samples (None: 1 each). ``offset (m, K)`` are logits that another head already
    gives, to which the fitted head adds; None for none. Where samples are several views of m images, in the
    same order view by view, they are those of the images.
    """

    features: Tensor
    labels: Tensor
    num_classes: int
    weights: Tensor | None = None
    offset: Tensor | None = None

    @property
    def weighed(self) -> Tensor:
        """The weights, ones where there are none."""
        if self.weights is None:
            return torch.ones(len(self.labels), device=self.labels.device)
        return self.weights

    def fitted_classes(self) -> tuple[Tensor, Tensor]:
        """Return the classes that a fit has rows for, sorted, and ``labels`` as positions among them.

        All classes when ``offset`` logits hold the absent ones in place, else those present in ``labels``.
        """
        if self.offset is not None:
            return torch.arange(self.num_classes, device=self.labels.device), self.labels
        return torch.unique(self.labels, return_inverse=True)


def zero_head(num_classes: int, width: int, device: torch.device | None = None) -> LinearHead:
    """Return the head, in float64, that gives every class the logit 0."""
    weight = torch.zeros(num_classes, width, dtype=torch.float64, device=device)
    return LinearHead(weight, weight.new_zeros(num_classes))


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
