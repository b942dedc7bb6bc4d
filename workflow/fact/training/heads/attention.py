"""Attention pooling and logistic regression, fitted together by L-BFGS.

A MAP head (multi-head attention pooling: Zhai et al., *Scaling Vision Transformers*, CVPR 2022; big_vision's
``MAPHead``) has one learned query, so its key projection merges into it: head h attends to token t with
the logit t . u_h. Head h then reads the h-th slice of the channels of V t, and a linear layer reads
the concatenated heads. That head's MLP and layer norm are left out on purpose. At u = 0 and V = I attention
pooling is the mean of the tokens, and the whole head the convex logistic regression on it. The objective

    C * sum_i w_i CE_i + 1/2 ||W||^2 + rho/2 (||u||^2 + ||V - I||^2)

pulls back there, rho -> infinity gives it, and fitting starts there: near the convex problem, where a few
labels are spent on attention only as far as it pays. An MLP has no such neutral point, and a few labels
do not determine one from random weights.

u and W are measured in units that do not depend on the backbone: for u tokens are divided by the mean norm
of their deviation from their image's mean (attention does not see the rest), for W the pooled vectors by
their mean norm, as in :mod:`fact.training.heads.logistic`. The returned head acts on raw tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.training.heads.attend import attend
from fact.training.heads.lbfgs import Minimum, minimise
from fact.training.heads.linear import LinearHead, fitted_classes, pad_absent
from fact.training.heads.logistic import logistic_path, mean_norm


class AttentionHead(NamedTuple):
    """``query (H, C)``, ``value (C, C)`` or None for the identity, and a linear layer after pooling."""

    query: Tensor
    value: Tensor | None
    linear: LinearHead

    def logits(self, tokens: Tensor) -> Tensor:
        """Logits ``(n, K)`` of ``tokens (n, T, C)``."""
        return self.linear.logits(attend(tokens.to(self.query.dtype), self.query, self.value))


@dataclass(frozen=True)
class AttentionFit:
    """A fitted head and how its minimisation ended; None where there was nothing to minimise."""

    head: AttentionHead
    minimum: Minimum | None


def divisor_of(width: int, heads: int) -> int:
    """The largest number of heads, at most ``heads``, that divides ``width`` channels."""
    return next(count for count in range(min(heads, width), 0, -1) if width % count == 0)


class Units(NamedTuple):
    """What tokens are divided by inside the objective: see the module's docstring."""

    pooled: float
    deviation: float


def token_units(tokens: Tensor) -> Units:
    """The units of ``tokens (n, T, C)``; a deviation of 1 where an image's tokens are all alike."""
    mean = tokens.mean(1, keepdim=True)
    deviation = float((tokens - mean).norm(dim=2).mean())
    return Units(mean_norm(mean.squeeze(1)), deviation or 1.0)


def attention_path(
    tokens: Tensor,
    labels: Tensor,
    num_classes: int,
    C: float,
    pulls: Sequence[float],
    *,
    start: LinearHead | None = None,
    heads: int = 8,
    value: bool = False,
    weights: Tensor | None = None,
    offset: Tensor | None = None,
    units: Units | None = None,
    max_iterations: int = 100,
    tolerance: float = 1e-4,
) -> list[AttentionFit]:
    """Fit ``tokens (n, T, C)`` for every rho in descending ``pulls``, each from the last, in tokens' dtype.

    ``start`` is the logistic regression on the mean-pooled tokens at the same ``C`` (default: it is
    fitted first); rho = infinity returns it with zero queries. ``heads`` is lowered to the largest
    divisor of C; ``value`` also trains V. ``weights (n,)``, ``offset (n, K)``, ``tolerance`` and absent
    classes are those of :func:`fact.training.heads.logistic.logistic_path`; ``units`` default to those of
    ``tokens``. Raises ValueError when ``pulls`` are not positive and descending.
    """
    if not pulls or list(pulls) != sorted(pulls, reverse=True) or pulls[-1] <= 0:
        raise ValueError(f"attention pooling: rho = {list(pulls)}; give positive values in descending order")
    weights = torch.ones(len(tokens)) if weights is None else weights
    units = token_units(tokens) if units is None else units
    if start is None:
        options = {"weights": weights, "offset": offset, "scale": units.pooled}
        start = logistic_path(tokens.mean(1), labels, num_classes, [C], **options)[0].head
    problem = _pose(tokens, labels, num_classes, weights.to(tokens), offset, units)
    head = _uniform(start, divisor_of(tokens.shape[2], heads), value, tokens.dtype)
    fits: list[AttentionFit] = []
    for pull in pulls:
        uniform = pull == float("inf")
        fit = (
            AttentionFit(head, None) if uniform else _solve(problem, head, C, pull, max_iterations, tolerance)
        )
        fits.append(fit)
        head = fit.head
    return fits


def _uniform(linear: LinearHead, heads: int, value: bool, dtype: torch.dtype) -> AttentionHead:
    """Uniform attention under ``linear``: the pooled logistic regression itself."""
    width = linear.weight.shape[1]
    identity = torch.eye(width, dtype=dtype) if value else None
    query = torch.zeros(heads, width, dtype=dtype)
    return AttentionHead(query, identity, LinearHead(linear.weight.to(dtype), linear.bias.to(dtype)))


@dataclass(frozen=True)
class _Problem:
    """The samples, and heads as lists of free parameters in the units of the objective."""

    tokens: Tensor  # (n, T, C)
    targets: Tensor  # (n,): positions in `present`
    weights: Tensor  # (n,)
    offset: Tensor | None  # (n, K)
    present: Tensor  # the classes fitted
    num_classes: int
    center: Tensor  # (C,), mean of the mean-pooled tokens
    units: Units

    def enter(self, head: AttentionHead) -> list[Tensor]:
        """Weight, bias, query and, if V is trained, V - I."""
        weight, bias = head.linear.weight[self.present], head.linear.bias[self.present]
        parameters = [
            weight * self.units.pooled,
            bias + weight @ self.center,
            head.query * self.units.deviation,
        ]
        if head.value is not None:
            parameters.append(head.value - torch.eye(len(head.value)).to(head.value))
        return [parameter.requires_grad_() for parameter in parameters]

    def leave(
        self, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> AttentionHead:
        """Inverse of :meth:`enter`, with absent classes in their rows."""
        weight = weight / self.units.pooled
        linear = LinearHead(weight, bias - weight @ self.center)
        if self.offset is None:
            linear = pad_absent(linear, self.present, self.num_classes)
        value = None if change is None else change + torch.eye(len(change)).to(change)
        return AttentionHead(query / self.units.deviation, value, linear)

    def objective(
        self, C: float, pull: float, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> Tensor:
        """The objective of the module's docstring divided by C * sum(w)."""
        value = None if change is None else change + torch.eye(len(change)).to(change)
        pooled = attend(self.tokens, query / self.units.deviation, value)
        logits = torch.addmm(bias, (pooled - self.center) / self.units.pooled, weight.T)
        penalty = weight.square().sum() + pull * query.square().sum()
        if change is not None:
            penalty = penalty + pull * change.square().sum()
        if self.offset is not None:
            logits, penalty = logits + self.offset, penalty + bias.square().sum()
        losses = cross_entropy(logits, self.targets, reduction="none")
        return (self.weights @ losses + penalty / (2 * C)) / self.weights.sum()


def _pose(
    tokens: Tensor, labels: Tensor, num_classes: int, weights: Tensor, offset: Tensor | None, units: Units
) -> _Problem:
    present, targets = fitted_classes(labels, num_classes, offset)
    center = weights @ tokens.mean(1) / weights.sum()
    offset = None if offset is None else offset.to(tokens)
    return _Problem(tokens, targets, weights, offset, present, num_classes, center, units)


def _solve(
    problem: _Problem, head: AttentionHead, C: float, pull: float, max_iterations: int, tolerance: float
) -> AttentionFit:
    parameters = problem.enter(head)
    minimum = minimise(
        lambda: problem.objective(C, pull, *parameters),
        parameters,
        max_iterations=max_iterations,
        tolerance=tolerance,
    )
    return AttentionFit(problem.leave(*(parameter.detach() for parameter in parameters)), minimum)
