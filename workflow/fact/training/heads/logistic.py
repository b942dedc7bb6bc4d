"""Fit L2-regularised multinomial logistic regression by L-BFGS, in float64, along a path of strengths C.

The objective is that of scikit-learn's ``LogisticRegression``,

    C * sum_i w_i CE(W x_i + b, y_i) + 1/2 ||W||^2,

with a free intercept. Three exact changes of coordinates make it fast and comparable: features are
divided by their mean norm, so that one grid of C serves every backbone; they are centred, which a free
intercept absorbs; and, where samples are few, they are rotated to their span, in which the optimal
weights lie. The returned head acts on raw features. Logits stand in memory for a block of samples at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fact.infra.errors import ArtifactError
from fact.training.heads.lbfgs import Limits, Minimum, minimise
from fact.training.heads.linear import LinearHead, Samples, pad_absent, zero_head

LIMITS = Limits(max_iterations=1000, tolerance=1e-7)


@dataclass(frozen=True)
class Fit:
    """A fitted head and how its minimisation ended."""

    head: LinearHead
    minimum: Minimum


def logistic_path(
    samples: Samples,
    strengths: Sequence[float],
    *,
    start: LinearHead | None = None,
    scale: float | None = None,
    limits: Limits = LIMITS,
) -> list[Fit]:
    """Fit ``samples`` with features (n, d) for every C in ascending ``strengths``, each from the last.

    ``scale`` divides the features inside the objective (default: their mean norm; 1 is scikit-learn's
    problem). ``start`` only says where the first fit begins. With an offset the logits at the mean feature
    are pulled towards zero as the weights are. Without one, classes absent from the labels are padded
    (:func:`fact.training.heads.linear.pad_absent`), and a single present class gives a constant head.
    The tolerance of ``limits`` bounds the gradient of the objective divided by C * sum(w).
    Raises ArtifactError for features that are not finite, ValueError for labels outside 0..K-1 and strengths
    that do not ascend.
    """
    _check(samples, strengths)
    problem = _pose(samples, scale)
    fits: list[Fit] = []
    for strength in strengths:
        fits.append(_solve(problem, strength, start=start, limits=limits))
        start = fits[-1].head
    return fits


def mean_norm(features: Tensor) -> float:
    """Return the mean L2 norm of the rows of ``features (n, d)``; 1 when they are all zero."""
    return float(features.double().norm(dim=1).mean()) or 1.0


def row_span(features: Tensor) -> Tensor | None:
    """Return an orthonormal basis ``(d, n)`` of a space that holds every row of ``features (n, d)``.

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
    offset: Tensor | None  # (m, K) of the images, in whose order samples repeat
    present: Tensor  # the classes fitted
    num_classes: int
    mean: Tensor  # (d,)
    scale: float
    basis: Tensor | None  # (d, r), orthonormal; None for no rotation

    def enter(self, head: LinearHead) -> LinearHead:
        """Return a raw head in the problem's coordinates."""
        weight, bias = head.weight.double()[self.present], head.bias.double()[self.present]
        rotated = weight if self.basis is None else weight @ self.basis
        return LinearHead(self.scale * rotated, bias + weight @ self.mean)

    def leave(self, head: LinearHead) -> LinearHead:
        """Return the raw head of a head in the problem's coordinates."""
        weight = (head.weight if self.basis is None else head.weight @ self.basis.T) / self.scale
        head = LinearHead(weight, head.bias - weight @ self.mean)
        return head if self.offset is not None else pad_absent(head, self.present, self.num_classes)


def _pose(samples: Samples, scale: float | None) -> _Problem:
    features, weights = samples.features.double(), samples.weighed.double()
    scale = mean_norm(features) if scale is None else scale
    mean = (weights @ features) / weights.sum()
    centred = features - mean
    basis = row_span(centred)
    present, targets = samples.fitted_classes()
    return _Problem(
        samples=(centred if basis is None else centred @ basis) / scale,
        targets=targets,
        weights=weights,
        offset=samples.offset,
        present=present,
        num_classes=samples.num_classes,
        mean=mean,
        scale=scale,
        basis=basis,
    )


# logits of a block: on a CPU they stay in its cache, a GPU wants more of them at a time
BLOCK_VALUES = {"cpu": 2**19, "cuda": 2**26}


def _solve(problem: _Problem, strength: float, start: LinearHead | None, limits: Limits) -> Fit:
    if start is None:
        start = zero_head(problem.num_classes, len(problem.mean), device=problem.mean.device)
    head = problem.enter(start)

    def objective() -> tuple[Tensor, Sequence[Tensor]]:
        return _objective(problem, head, strength)

    minimum = minimise(objective, head, limits)
    return Fit(problem.leave(head), minimum)


def _objective(problem: _Problem, head: LinearHead, strength: float) -> tuple[Tensor, LinearHead]:
    """Return the objective divided by C * sum(w), and its gradient."""
    total = problem.weights.sum()
    loss, gradient = torch.zeros_like(total), LinearHead(*map(torch.zeros_like, head))
    step = max(1, BLOCK_VALUES[head.weight.device.type] // len(head.bias))
    for start in range(0, len(problem.samples), step):
        rows = slice(start, start + step)
        residuals, losses = _block(problem, head, rows)
        loss += losses
        gradient.weight.addmm_(residuals.T, problem.samples[rows])
        gradient.bias.add_(residuals.sum(0))
    pulled = (head.weight,) if problem.offset is None else head
    for part, slope in zip(pulled, gradient, strict=False):
        loss += part.square().sum() / (2 * strength)
        slope.add_(part, alpha=1 / strength)
    return loss / total, LinearHead(gradient.weight / total, gradient.bias / total)


def _block(problem: _Problem, head: LinearHead, rows: slice) -> tuple[Tensor, Tensor]:
    """Return the loss's slopes at the logits (b, K) of a block of samples, and its loss."""
    logits = torch.addmm(head.bias, problem.samples[rows], head.weight.T)
    if problem.offset is not None:
        images = torch.arange(rows.start, rows.start + len(logits), device=logits.device)
        logits += problem.offset[images % len(problem.offset)]
    weights, own = problem.weights[rows], problem.targets[rows, None]
    log_likelihood = logits.log_softmax(1)
    loss = -(weights @ log_likelihood.gather(1, own)[:, 0])
    slopes = log_likelihood.exp_()
    slopes.scatter_add_(1, own, slopes.new_full((1, 1), -1.0).expand(own.shape))
    return slopes.mul_(weights[:, None]), loss


def _check(samples: Samples, strengths: Sequence[float]) -> None:
    features, labels, num_classes = samples.features, samples.labels, samples.num_classes
    if len(features) == 0 or len(features) != len(labels):
        raise ValueError(
            f"logistic regression: {len(features)} features and {len(labels)} labels; give one label each"
        )
    if not torch.isfinite(features).all():
        raise ArtifactError("logistic regression: features hold NaN or infinity; extract them again")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"logistic regression: labels span {int(labels.min())}..{int(labels.max())}, "
            f"outside 0..{num_classes - 1}; pass labelled samples only and the right number of classes"
        )
    if not strengths or list(strengths) != sorted(strengths) or strengths[0] <= 0:
        raise ValueError(
            f"logistic regression: C = {list(strengths)}; give positive values in ascending order"
        )
