"""Fit attention pooling and logistic regression together by L-BFGS.

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
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.training.heads.head import attend
from fact.training.heads.lbfgs import Limits, Minimum, minimise
from fact.training.heads.linear import LinearHead, Samples, pad_absent
from fact.training.heads.logistic import logistic_path, mean_norm


class AttentionHead(NamedTuple):
    """``query (H, C)``, ``value (C, C)`` or None for the identity, and a linear layer after pooling."""

    query: Tensor
    value: Tensor | None
    linear: LinearHead

    def logits(self, tokens: Tensor) -> Tensor:
        """Return logits ``(n, K)`` of ``tokens (n, T, C)``."""
        return self.linear.logits(attend(tokens.to(self.query.dtype), self.query, self.value))


@dataclass(frozen=True)
class AttentionFit:
    """A fitted head and how its minimisation ended; None where there was nothing to minimise."""

    head: AttentionHead
    minimum: Minimum | None


def divisor_of(width: int, heads: int) -> int:
    """Return the largest number of heads, at most ``heads``, that divides ``width`` channels."""
    return next(count for count in range(min(heads, width), 0, -1) if width % count == 0)


class Units(NamedTuple):
    """What tokens are divided by inside the objective: see the module's docstring."""

    pooled: float
    deviation: float


def token_units(tokens: Tensor) -> Units:
    """Return the units of ``tokens (n, T, C)``; a deviation of 1 where an image's tokens are all alike."""
    mean = tokens.mean(1, keepdim=True)
    deviation = float((tokens - mean).norm(dim=2).mean())
    return Units(mean_norm(mean.squeeze(1)), deviation or 1.0)


LIMITS = Limits(max_iterations=100, tolerance=1e-4)


@dataclass(frozen=True)
class Pooling:
    """How tokens are pooled: heads (lowered to a divisor of the width), and whether V is trained."""

    heads: int = 8
    value: bool = False


POOLING = Pooling()


def attention_path(
    samples: Samples,
    C: float,
    pulls: Sequence[float],
    *,
    pooling: Pooling = POOLING,
    start: LinearHead | None = None,
    units: Units | None = None,
    limits: Limits = LIMITS,
) -> list[AttentionFit]:
    """Fit ``samples`` with tokens (n, T, C) for every rho in descending ``pulls``, each from the last.

    The tokens' dtype is computed in. ``start`` is the logistic regression on the mean-pooled tokens at the
    same ``C`` (default: it is fitted first); rho = infinity returns it with zero queries. Weights, offset,
    tolerance and absent classes are those of :func:`fact.training.heads.logistic.logistic_path`; ``units``
    default to those of the tokens. Raises ValueError when ``pulls`` are not positive and descending.
    """
    if not pulls or list(pulls) != sorted(pulls, reverse=True) or pulls[-1] <= 0:
        raise ValueError(f"attention pooling: rho = {list(pulls)}; give positive values in descending order")
    tokens = samples.features
    units = token_units(tokens) if units is None else units
    if start is None:
        mean = replace(samples, features=tokens.mean(1))
        start = logistic_path(mean, [C], scale=units.pooled)[0].head
    problem = _pose(samples, units)
    head = _uniform(start, divisor_of(tokens.shape[2], pooling.heads), pooling.value, dtype=tokens.dtype)
    fits: list[AttentionFit] = []
    for pull in pulls:
        uniform = pull == float("inf")
        fits.append(
            AttentionFit(head, None) if uniform else _solve(problem, head, C=C, pull=pull, limits=limits)
        )
        head = fits[-1].head
    return fits


def _uniform(linear: LinearHead, heads: int, value: bool, dtype: torch.dtype) -> AttentionHead:
    """Return uniform attention under ``linear``: the pooled logistic regression itself."""
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
        """Return weight, bias, query and, if V is trained, V - I."""
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
        """Invert :meth:`enter`, with absent classes in their rows."""
        weight = weight / self.units.pooled
        linear = LinearHead(weight, bias - weight @ self.center)
        if self.offset is None:
            linear = pad_absent(linear, self.present, self.num_classes)
        value = None if change is None else change + torch.eye(len(change)).to(change)
        return AttentionHead(query / self.units.deviation, value, linear)

    def objective(
        self, C: float, pull: float, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> Tensor:
        """Return the objective of the module's docstring divided by C * sum(w)."""
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


def _pose(samples: Samples, units: Units) -> _Problem:
    tokens, weights = samples.features, samples.weighed.to(samples.features)
    present, targets = samples.fitted_classes()
    return _Problem(
        tokens=tokens,
        targets=targets,
        weights=weights,
        offset=None if samples.offset is None else samples.offset.to(tokens),
        present=present,
        num_classes=samples.num_classes,
        center=weights @ tokens.mean(1) / weights.sum(),
        units=units,
    )


def _solve(problem: _Problem, head: AttentionHead, C: float, pull: float, limits: Limits) -> AttentionFit:
    parameters = problem.enter(head)
    minimum = minimise(lambda: problem.objective(C, pull, *parameters), parameters, limits)
    return AttentionFit(problem.leave(*(parameter.detach() for parameter in parameters)), minimum)
