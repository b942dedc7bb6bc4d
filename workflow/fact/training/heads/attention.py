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

Tokens come block by block, and each block's loss is differentiated before the next one comes: nothing of
the size of all views stands in memory.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.training.heads.head import attend
from fact.training.heads.lbfgs import Limits, Minimum, minimise
from fact.training.heads.linear import LinearHead, Samples, pad_absent
from fact.training.heads.logistic import logistic_path, mean_norm
from fact.training.heads.token_source import Block, TokenSource


class AttentionHead(NamedTuple):
    """``query (H, C)``, ``value (C, C)`` or None for the identity, and a linear layer after pooling."""

    query: Tensor
    value: Tensor | None
    linear: LinearHead

    def logits(self, tokens: Tensor) -> Tensor:
        """Return logits ``(n, K)`` of ``tokens (n, T, C)``."""
        return self.linear.logits(attend(tokens.to(self.query), self.query, self.value))


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


def token_units(views: TokenSource) -> Units:
    """Return the units of the original tokens; a deviation of 1 where an image's tokens are all alike."""
    return Units(mean_norm(views.means[0]), views.deviation)


@dataclass(frozen=True)
class TokenSamples:
    """What an attention head is fitted on: those images of ``views`` whose weight is above 0.

    ``labels (n,)`` are class indices below ``num_classes``, ``weights (n,)`` weigh the images, each shared
    among its views. ``offset (n, K)`` are logits that another head already gives; None for none.
    """

    views: TokenSource
    labels: Tensor
    num_classes: int
    weights: Tensor
    offset: Tensor | None = None

    def means(self) -> Samples:
        """Return the means over the tokens of the images fitted on, view by view."""
        kept, count = self.weights > 0, len(self.views)
        weights = (self.weights[kept] / count).double()
        return Samples(
            features=self.views.means[:, kept].flatten(0, 1),
            labels=self.labels[kept].repeat(count),
            num_classes=self.num_classes,
            weights=weights.repeat(count),
            offset=None if self.offset is None else self.offset[kept],
        )


LIMITS = Limits(max_iterations=100, tolerance=1e-4)


@dataclass(frozen=True)
class Pooling:
    """How tokens are pooled: heads (lowered to a divisor of the width), and whether V is trained."""

    heads: int = 8
    value: bool = False


POOLING = Pooling()


def attention_path(
    samples: TokenSamples,
    C: float,
    pulls: Sequence[float],
    *,
    pooling: Pooling = POOLING,
    start: LinearHead | None = None,
    limits: Limits = LIMITS,
) -> list[AttentionFit]:
    """Fit the tokens of ``samples`` for every rho in descending ``pulls``, each from the last.

    The views' dtype is computed in. ``start`` is the logistic regression on the mean-pooled tokens at the
    same ``C`` (default: it is fitted first); rho = infinity returns it with zero queries. Weights, offset,
    tolerance and absent classes are those of :func:`fact.training.heads.logistic.logistic_path`; units are
    those of all images of the views. Raises ValueError when ``pulls`` are not positive and descending.
    """
    if not pulls or list(pulls) != sorted(pulls, reverse=True) or pulls[-1] <= 0:
        raise ValueError(f"attention pooling: rho = {list(pulls)}; give positive values in descending order")
    units, means = token_units(samples.views), samples.means()
    if start is None:
        start = logistic_path(means, [C], scale=units.pooled)[0].head
    problem = _pose(samples, means, units)
    head = _uniform(start, divisor_of(samples.views.width, pooling.heads), pooling.value, samples.views)
    fits: list[AttentionFit] = []
    for pull in pulls:
        uniform = pull == float("inf")
        fits.append(
            AttentionFit(head, None) if uniform else _solve(problem, head, C=C, pull=pull, limits=limits)
        )
        head = fits[-1].head
    return fits


def _uniform(linear: LinearHead, heads: int, value: bool, views: TokenSource) -> AttentionHead:
    """Return uniform attention under ``linear``: the pooled logistic regression itself."""
    like = torch.zeros(heads, views.width, dtype=views.dtype, device=views.device)
    identity = torch.eye(views.width, dtype=like.dtype, device=like.device) if value else None
    return AttentionHead(like, identity, LinearHead(linear.weight.to(like), linear.bias.to(like)))


@dataclass(frozen=True)
class _Problem:
    """The samples, and heads as lists of free parameters in the units of the objective."""

    views: TokenSource
    targets: Tensor  # (n,): positions in `present`; of images with a weight
    weights: Tensor  # (n,), each image's, shared among its views
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
            parameters.append(head.value - _identity(head.value))
        return [parameter.requires_grad_() for parameter in parameters]

    def leave(
        self, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> AttentionHead:
        """Invert :meth:`enter`, with absent classes in their rows."""
        weight = weight / self.units.pooled
        linear = LinearHead(weight, bias - weight @ self.center)
        if self.offset is None:
            linear = pad_absent(linear, self.present, self.num_classes)
        value = None if change is None else change + _identity(change)
        return AttentionHead(query / self.units.deviation, value, linear)

    def objective(self, C: float, pull: float, parameters: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Return the objective of the module's docstring divided by C * sum(w), and its gradients."""
        total = torch.zeros((), dtype=torch.float64, device=self.weights.device)
        gradients = [torch.zeros_like(parameter) for parameter in parameters]
        parts = (self._loss(block, *parameters) for block in self.views.blocks(self.weights > 0))
        scale = self.weights.sum()
        with torch.enable_grad():
            penalty = self._penalty(pull, *parameters) / (2 * C)
            for loss in itertools.chain([penalty], parts):
                slopes = torch.autograd.grad(loss, list(parameters), allow_unused=True)
                total += loss.detach()
                for gradient, slope in zip(gradients, slopes, strict=True):
                    if slope is not None:
                        gradient += slope
        return total / scale, [gradient / scale for gradient in gradients]

    def _loss(
        self, block: Block, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> Tensor:
        """Return the summed loss of a block."""
        value = None if change is None else change + _identity(change)
        pooled = attend(block.tokens, query / self.units.deviation, value)
        logits = torch.addmm(bias, (pooled - self.center) / self.units.pooled, weight.T)
        if self.offset is not None:
            logits = logits + self.offset[block.images]
        losses = cross_entropy(logits, self.targets[block.images], reduction="none")
        return self.weights[block.images] @ losses / len(self.views)

    def _penalty(
        self, pull: float, weight: Tensor, bias: Tensor, query: Tensor, change: Tensor | None = None
    ) -> Tensor:
        """Return twice the penalty of the objective."""
        penalty = weight.square().sum() + pull * query.square().sum()
        if change is not None:
            penalty = penalty + pull * change.square().sum()
        return penalty if self.offset is None else penalty + bias.square().sum()


def _identity(like: Tensor) -> Tensor:
    return torch.eye(len(like), dtype=like.dtype, device=like.device)


def _pose(samples: TokenSamples, means: Samples, units: Units) -> _Problem:
    views, kept = samples.views, samples.weights > 0
    present, fitted = means.fitted_classes()
    targets = torch.zeros_like(samples.labels)
    # means repeat the images view by view
    targets[kept] = fitted[: int(kept.sum())]
    weights = means.weighed
    return _Problem(
        views=views,
        targets=targets,
        weights=samples.weights.to(views.device, views.dtype),
        offset=None if samples.offset is None else samples.offset.to(views.dtype),
        present=present,
        num_classes=samples.num_classes,
        center=(weights @ means.features / weights.sum()).to(views.dtype),
        units=units,
    )


def _solve(problem: _Problem, head: AttentionHead, C: float, pull: float, limits: Limits) -> AttentionFit:
    parameters = problem.enter(head)
    minimum = minimise(lambda: problem.objective(C, pull, parameters), parameters, limits)
    return AttentionFit(problem.leave(*(parameter.detach() for parameter in parameters)), minimum)
