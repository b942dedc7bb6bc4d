"""Held-out losses of candidate heads inside the labelled set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.infra.needed import needed
from fact.seeds import derive_seed
from fact.training.heads.folds import labelled_folds
from fact.training.heads.labelled_set import LabelledSet, linear_features
from fact.training.heads.linear import Samples
from fact.training.heads.logistic import LIMITS, logistic_path, mean_norm, row_span
from fact.training.heads.spec import HeadSpec

# enough to order held-out losses; the final fit goes on to the optimum
LINEAR_LIMITS = replace(LIMITS, tolerance=1e-6)


@dataclass(frozen=True)
class Candidate:
    """A head that could be fitted, and how it did on held-out images; ``rho`` is None without attention."""

    pooling: str
    strength: float
    C: float | None
    rho: float | None = None
    losses: NDArray[np.float64] | None = None  # (m,), nats
    accuracy: float | None = None

    @property
    def held_out(self) -> NDArray[np.float64]:
        """Its losses (m,), in nats. Raises ValueError where it was not validated."""
        return needed(self.losses, "losses of a candidate")

    @property
    def own_C(self) -> float:
        """C. Raises ValueError for the start head, which has none."""
        return needed(self.C, "C of a candidate")

    @property
    def pull(self) -> float:
        """Its rho. Raises ValueError where there is no attention."""
        return needed(self.rho, "rho of a candidate")


def linear_candidates(
    pooling: str,
    strength: float,
    data: LabelledSet,
    views: Tensor | None,
    fold: Tensor,
    grid: Sequence[float],
) -> list[Candidate]:
    """Return linear heads of ``pooling``, with their held-out losses, for every C of ascending ``grid``.

    ``fold (n,)`` is that of :func:`fact.training.heads.folds.labelled_folds`; ``views`` may be None for
    "pooled".
    """
    features, _ = linear_features(pooling, data.pooled, views)
    scale = mean_norm(features[0])
    features = _rotated(features)

    fit = partial(logistic_path, strengths=grid, scale=scale, limits=LINEAR_LIMITS)
    settings = [Candidate(pooling, strength, C) for C in grid]
    return cross_validated(settings, fit, rows=features, data=data, fold=fold)


def cross_validated(
    settings: list[Candidate],
    fit: Callable[[Samples], Sequence],
    rows: Tensor,
    data: LabelledSet,
    fold: Tensor,
) -> list[Candidate]:
    """Return the candidates with the held-out losses of the heads that ``fit`` gives, one each, on every
    fold.

    ``rows (V + 1, n, …)``: all views are fitted on, the first, the original, is held out.
    ``fit(samples)`` is a path of fits.
    """
    logits = torch.full((len(settings), len(fold), data.num_classes), float("nan"), dtype=torch.float64)
    for train, held_out in _splits(fold):
        for row, fitted in zip(logits, fit(data.samples(rows, train)), strict=True):
            row[held_out] = fitted.head.logits(rows[0, held_out]).double()
    return _scored(settings, logits, data=data, fold=fold)


def validation_fold(data: LabelledSet, spec: HeadSpec) -> Tensor | None:
    """Return the fold ``(n,)`` of every image; None with nothing open or no class of two labelled images."""
    fold = torch.from_numpy(labelled_folds(data.labels.numpy(), spec.folds, derive_seed("folds", data.seed)))
    return fold if spec.open and int(fold.max()) >= 1 else None


def start_candidate(data: LabelledSet, fold: Tensor) -> Candidate:
    """Return the head that gives ``data.offset``, as it is."""
    zero = torch.zeros(1, len(fold), data.num_classes, dtype=torch.float64)
    return _scored([Candidate("start", 0.0, None)], zero, data=data, fold=fold)[0]


def lowest(candidates: Sequence[Candidate]) -> Candidate:
    """Return the candidate of the lowest mean loss; the first of equals."""
    return min(candidates, key=lambda candidate: candidate.held_out.mean())


def _rotated(features: Tensor) -> Tensor:
    """Return features ``(V, n, d)`` rotated to their span, once for all folds, which changes no fit."""
    rows = features.flatten(0, 1)
    basis = row_span(rows - rows.mean(0))
    # their mean may lie outside that span, and every fit takes a mean off anyway
    return features if basis is None else (features - rows.mean(0)) @ basis


def _splits(fold: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield masks ``(n,)`` of the images to fit on and of those held out, fold by fold."""
    for index in range(int(fold.max()) + 1):
        yield fold != index, fold == index


def _scored(settings: list[Candidate], logits: Tensor, data: LabelledSet, fold: Tensor) -> list[Candidate]:
    """Return the candidates with the losses of ``logits (candidates, n, K)`` plus the offset."""
    logits = logits if data.offset is None else logits + data.offset
    validated = fold >= 0
    labels = data.labels[validated]
    measured = []
    for setting, row in zip(settings, logits[:, validated], strict=True):
        losses = cross_entropy(row, labels, reduction="none").numpy()
        measured.append(
            replace(setting, losses=losses, accuracy=float((row.argmax(1) == labels).double().mean()))
        )
    return measured
