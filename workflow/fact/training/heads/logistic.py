"""L2-regularised multinomial logistic regression by L-BFGS, in float64, along a path of strengths C.

The objective is that of scikit-learn's ``LogisticRegression``,

    C * sum_i w_i CE(W x_i + b, y_i) + 1/2 ||W||^2,

with a free intercept. Three exact changes of coordinates make it fast and comparable: features are
divided by their mean norm, so that one grid of C serves every backbone; they are centred, which a free
intercept absorbs; and, where samples are few, they are rotated to their span, in which the optimal
weights lie. The returned head acts on raw features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.training.heads.lbfgs import Minimum, minimise
from fact.training.heads.linear import LinearHead, fitted_classes, pad_absent, zero_head


@dataclass(frozen=True)
class Fit:
    """A fitted head and how its minimisation ended."""

    head: LinearHead
    minimum: Minimum


def fit_logistic(
    features: Tensor,
    labels: Tensor,
    num_classes: int,
    C: float,
    *,
    weights: Tensor | None = None,
    start: LinearHead | None = None,
    prior: LinearHead | None = None,
    scale: float | None = None,
) -> LinearHead:
    """The head for a single ``C``; ``weights``, ``start`` and ``scale`` as in :func:`logistic_path`.

    ``prior`` is a head to pull towards in place of zero: the penalty becomes half the squared change of
    its weights and of its logits at the mean feature, so that C -> 0 gives the prior itself back.
    """
    if prior is None:
        path = logistic_path(features, labels, num_classes, [C], weights=weights, start=start, scale=scale)
        return path[0].head
    start = None if start is None else start.minus(prior)
    path = logistic_path(
        features,
        labels,
        num_classes,
        [C],
        weights=weights,
        start=start,
        scale=scale,
        offset=prior.logits(features),
    )
    return path[0].head.plus(prior)


def logistic_path(
    features: Tensor,
    labels: Tensor,
    num_classes: int,
    strengths: Sequence[float],
    *,
    weights: Tensor | None = None,
    start: LinearHead | None = None,
    offset: Tensor | None = None,
    scale: float | None = None,
    max_iterations: int = 1000,
    tolerance: float = 1e-7,
) -> list[Fit]:
    """Fit ``features (n, d)``, ``labels (n,)`` for every C in ascending ``strengths``, each from the last.

    ``weights (n,)`` weigh the samples (default 1). ``scale`` divides the features inside the objective
    (default: their mean norm; 1 is scikit-learn's problem). ``start`` only says where the first fit
    begins. ``offset (n, K)`` are logits that another head already gives: the fitted head adds to them, and
    its logits at the mean feature are pulled towards zero as its weights are. Without an offset,
    classes absent from ``labels`` are padded (:func:`fact.training.heads.linear.pad_absent`), and a single
    present class gives a constant head. ``tolerance`` bounds the gradient of the objective divided by
    C * sum(w). Raises ValueError for features that are not finite, labels outside 0..K-1, strengths
    that do not ascend.
    """
    _check(features, labels, num_classes, strengths)
    weights = torch.ones(len(features)) if weights is None else weights
    problem = _pose(features.double(), labels, num_classes, weights.double(), scale, offset)
    fits: list[Fit] = []
    for strength in strengths:
        fits.append(_solve(problem, strength, start, max_iterations, tolerance))
        start = fits[-1].head
    return fits


def mean_norm(features: Tensor) -> float:
    """Mean L2 norm of the rows of ``features (n, d)``; 1 when they are all zero."""
    return float(features.double().norm(dim=1).mean()) or 1.0


def row_span(features: Tensor) -> Tensor | None:
    """Orthonormal basis ``(d, n)`` of a space that holds every row of ``features (n, d)``.

    None when n is at least half of d: the rotation would cost more than it saves.
    """
    count, width = features.shape
    return torch.linalg.qr(features.T).Q if 2 * count < width else None


@dataclass(frozen=True)
class _Problem:
    """The samples in the coordinates of the objective, and the way back to raw features."""

    samples: Tensor  # (n, r): centred, scaled, rotated
    targets: Tensor  # (n,): positions in `present`
    weights: Tensor  # (n,)
    offset: Tensor | None  # (n, K)
    present: Tensor  # the classes fitted
    num_classes: int
    mean: Tensor  # (d,)
    scale: float
    basis: Tensor | None  # (d, r), orthonormal; None for no rotation

    def enter(self, head: LinearHead) -> LinearHead:
        """A raw head in the problem's coordinates."""
        weight, bias = head.weight.double()[self.present], head.bias.double()[self.present]
        rotated = weight if self.basis is None else weight @ self.basis
        return LinearHead(self.scale * rotated, bias + weight @ self.mean)

    def leave(self, head: LinearHead) -> LinearHead:
        """The raw head of a head in the problem's coordinates."""
        weight = (head.weight if self.basis is None else head.weight @ self.basis.T) / self.scale
        head = LinearHead(weight, head.bias - weight @ self.mean)
        return head if self.offset is not None else pad_absent(head, self.present, self.num_classes)


def _pose(
    features: Tensor,
    labels: Tensor,
    num_classes: int,
    weights: Tensor,
    scale: float | None,
    offset: Tensor | None,
) -> _Problem:
    scale = mean_norm(features) if scale is None else scale
    mean = (weights @ features) / weights.sum()
    centred = features - mean
    basis = row_span(centred)
    samples = (centred if basis is None else centred @ basis) / scale
    present, targets = fitted_classes(labels, num_classes, offset)
    return _Problem(samples, targets, weights, offset, present, num_classes, mean, scale, basis)


def _solve(
    problem: _Problem, strength: float, start: LinearHead | None, max_iterations: int, tolerance: float
) -> Fit:
    start = zero_head(problem.num_classes, len(problem.mean)) if start is None else start
    weight, bias = (tensor.requires_grad_() for tensor in problem.enter(start))
    total = problem.weights.sum()

    def objective() -> Tensor:
        logits = torch.addmm(bias, problem.samples, weight.T)
        pull = weight.square().sum()
        if problem.offset is not None:
            logits, pull = logits + problem.offset, pull + bias.square().sum()
        losses = cross_entropy(logits, problem.targets, reduction="none")
        return (problem.weights @ losses + pull / (2 * strength)) / total

    minimum = minimise(objective, [weight, bias], max_iterations=max_iterations, tolerance=tolerance)
    return Fit(problem.leave(LinearHead(weight.detach(), bias.detach())), minimum)


def _check(features: Tensor, labels: Tensor, num_classes: int, strengths: Sequence[float]) -> None:
    if len(features) == 0 or len(features) != len(labels):
        raise ValueError(
            f"logistic regression: {len(features)} features and {len(labels)} labels; give one label each"
        )
    if not torch.isfinite(features).all():
        raise ValueError("logistic regression: features hold NaN or infinity; extract them again")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"logistic regression: labels span {int(labels.min())}..{int(labels.max())}, "
            f"outside 0..{num_classes - 1}; pass labelled samples only and the right number of classes"
        )
    if not strengths or list(strengths) != sorted(strengths) or strengths[0] <= 0:
        raise ValueError(
            f"logistic regression: C = {list(strengths)}; give positive values in ascending order"
        )
