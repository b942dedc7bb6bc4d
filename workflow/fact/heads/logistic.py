"""L2-regularised multinomial logistic regression by L-BFGS, in float64, along a path of strengths C.

The objective is scikit-learn's ``LogisticRegression``,

    C * sum_i w_i CE(W x_i + b, y_i) + 1/2 ||W||^2,

with a free intercept. Three exact changes of coordinates make it fast and comparable: features are divided
by their mean norm, so that one grid of C serves every backbone; they are centred, which a free intercept
absorbs; and they are rotated to their span, since the optimal weights lie in it. The returned head acts on
raw features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.heads.lbfgs import Minimum, minimise
from fact.heads.linear import LinearHead, pad_absent, zero_head


@dataclass(frozen=True)
class Fit:
    """A fitted head and how its minimisation ended."""

    head: LinearHead
    minimum: Minimum


def mean_norm(features: Tensor) -> float:
    """Mean L2 norm of the rows of ``features (n, d)``; 1 when they are all zero."""
    return float(features.double().norm(dim=1).mean()) or 1.0


def row_span(features: Tensor) -> Tensor:
    """Orthonormal basis ``(d, r)``, r = min(n, d), whose span holds every row of ``features (n, d)``."""
    count, width = features.shape
    if count >= width:
        return torch.eye(width, dtype=features.dtype)
    return torch.linalg.qr(features.T).Q


def fit_logistic(features: Tensor, labels: Tensor, num_classes: int, C: float, **options: object) -> LinearHead:
    """The head of :func:`logistic_path` for a single ``C``."""
    return logistic_path(features, labels, num_classes, [C], **options)[0].head


def logistic_path(
    features: Tensor,
    labels: Tensor,
    num_classes: int,
    strengths: Sequence[float],
    *,
    weights: Tensor | None = None,
    start: LinearHead | None = None,
    prior: LinearHead | None = None,
    scale: float | None = None,
    max_iterations: int = 1000,
    tolerance: float = 1e-6,
) -> list[Fit]:
    """Fit ``features (n, d)``, ``labels (n,)`` for each C of ascending ``strengths``, each from the last.

    ``weights (n,)`` weigh the samples. ``scale`` divides the features within the objective (default:
    their mean norm; 1 gives scikit-learn's problem). ``start`` is where the first fit begins.
    ``prior`` is a head pulled towards instead of zero: the penalty becomes 1/2 ||W - W0||^2 plus half
    the squared change of the logits at the mean feature, so that C -> 0 gives back the prior itself.
    Without a prior, classes absent from ``labels`` are padded (:func:`fact.heads.linear.pad_absent`).
    Raises ValueError for non-finite features, labels outside 0..K-1, and strengths not ascending.
    """
    _check(features, labels, num_classes, strengths)
    weights = torch.ones(len(features)) if weights is None else weights
    problem = _pose(features.double(), labels, num_classes, weights.double(), scale, prior)
    fits: list[Fit] = []
    for strength in strengths:
        fit = _solve(problem, strength, start, max_iterations, tolerance)
        fits.append(fit)
        start = fit.head
    return fits


@dataclass(frozen=True)
class _Problem:
    """The samples in the coordinates of the objective, and the way back to raw features."""

    samples: Tensor  # (n, r), centred, scaled, rotated
    targets: Tensor  # (n,), indices into present
    present: Tensor  # classes that are fitted
    weights: Tensor  # (n,)
    mean: Tensor  # (d,)
    basis: Tensor  # (d, r), divided by the scale
    offset: Tensor | float  # logits of the prior
    prior: LinearHead | None
    num_classes: int


def _pose(
    features: Tensor,
    labels: Tensor,
    num_classes: int,
    weights: Tensor,
    scale: float | None,
    prior: LinearHead | None,
) -> _Problem:
    mean = (weights @ features) / weights.sum()
    centred = features - mean
    basis = row_span(centred) / (mean_norm(features) if scale is None else scale)
    if prior is None:
        present, targets = torch.unique(labels, return_inverse=True)
        offset: Tensor | float = 0.0
    else:
        present, targets = torch.arange(num_classes), labels
        prior = LinearHead(prior.weight.double(), prior.bias.double())
        offset = prior.logits(features)
    return _Problem(
        centred @ basis, targets, present, weights, mean, basis, offset, prior, num_classes
    )


def _solve(
    problem: _Problem, strength: float, start: LinearHead | None, max_iterations: int, tolerance: float
) -> Fit:
    ...
