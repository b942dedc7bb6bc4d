"""Held-out losses of candidate heads inside the labelled set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from fact.infra.needed import needed
from fact.seeds import derive_seed
from fact.training.heads.folds import labelled_folds
from fact.training.heads.labelled_set import LabelledSet, in_raw_units, linear_features, scale_of
from fact.training.heads.linear import LinearHead
from fact.training.heads.logistic import LIMITS, logistic_path, row_span
from fact.training.heads.spec import HeadSpec
from fact.training.heads.token_source import TokenSource
from fact.training.heads.transform import Transform

# enough to order held-out losses; the final fit goes on to the optimum
LINEAR_LIMITS = replace(LIMITS, tolerance=1e-6)


@dataclass(frozen=True)
class Candidate:
    """A head that could be fitted, and how it did on held-out images; ``rho`` is None without attention.

    ``fold_heads`` are the linear heads of the folds, on raw or ``transform``-ed features, from which
    another fit may start; of an attention head they are those that it started from.
    """

    pooling: str
    strength: float
    C: float | None
    rho: float | None = None
    losses: NDArray[np.float64] | None = None  # (m,), nats
    accuracy: float | None = None
    transform: Transform = "none"
    fold_heads: tuple[LinearHead, ...] = field(default=(), repr=False, compare=False)

    @property
    def mean_head(self) -> LinearHead | None:
        """The mean of the folds' heads; None without any."""
        if not self.fold_heads:
            return None
        weights, biases = zip(*self.fold_heads, strict=True)
        return LinearHead(torch.stack(weights).mean(0), torch.stack(biases).mean(0))

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
    views: TokenSource | None,
    fold: Tensor,
    grid: Sequence[float],
    transform: Transform = "none",
) -> list[Candidate]:
    """Return linear heads of ``pooling``, with their held-out losses, for every C of ascending ``grid``.

    ``fold (n,)`` is that of :func:`fact.training.heads.folds.labelled_folds`; ``views`` may be None for
    "pooled".
    """
    features, units = linear_features(pooling, data.pooled, views, transform)
    scale = scale_of(features, transform)
    features, leave = _rotated(features)
    validation = CrossValidation(
        data, fold, [Candidate(pooling, strength, C, transform=transform) for C in grid]
    )
    heads: list[list[LinearHead]] = [[] for _ in grid]
    for train, held_out in splits(fold):
        path = logistic_path(data.samples(features, train), grid, scale=scale, limits=LINEAR_LIMITS)
        for index, fit in enumerate(path):
            validation.add(index, held_out, fit.head.logits(features[0, held_out]))
            heads[index].append(in_raw_units(leave(fit.head), units))
    measured = validation.candidates()
    return [replace(row, fold_heads=tuple(own)) for row, own in zip(measured, heads, strict=True)]


class CrossValidation:
    """Losses and hits of candidates on images that they were not fitted on, collected fold by fold."""

    def __init__(self, data: LabelledSet, fold: Tensor, settings: Sequence[Candidate]) -> None:
        self.data, self.fold, self.settings = data, fold, settings
        shape = (len(settings), len(fold))
        self.losses = torch.full(shape, float("nan"), dtype=torch.float64, device=fold.device)
        self.hits = torch.zeros(shape, dtype=torch.bool, device=fold.device)

    def add(self, index: int, held_out: Tensor, logits: Tensor) -> None:
        """Take in the ``logits (m, K)`` of candidate ``index`` for the held-out images of a mask ``(n,)``."""
        labels, logits = self.data.labels[held_out], logits.double()
        if self.data.offset is not None:
            logits = logits + self.data.offset[held_out]
        self.losses[index, held_out] = cross_entropy(logits, labels, reduction="none")
        self.hits[index, held_out] = logits.argmax(1) == labels

    def candidates(self) -> list[Candidate]:
        """Return the candidates with the losses of all images that some fold held out."""
        validated = self.fold >= 0
        losses, hits = (table[:, validated].cpu() for table in (self.losses, self.hits))
        return [
            replace(setting, losses=own.numpy(), accuracy=float(hit.double().mean()))
            for setting, own, hit in zip(self.settings, losses, hits, strict=True)
        ]


def validation_fold(data: LabelledSet, spec: HeadSpec) -> Tensor | None:
    """Return the fold ``(n,)`` of every image; None with nothing open or no class of two labelled images."""
    labels, seed = data.labels.cpu().numpy(), derive_seed("folds", data.seed)
    fold = labelled_folds(labels, spec.folds, seed, data.groups)
    return torch.from_numpy(fold).to(data.labels.device) if spec.open and fold.max() >= 1 else None


def start_candidate(data: LabelledSet, fold: Tensor) -> Candidate:
    """Return the head that gives ``data.offset``, as it is."""
    validation = CrossValidation(data, fold, [Candidate("start", 0.0, None)])
    for _, held_out in splits(fold):
        validation.add(0, held_out, torch.zeros((), device=fold.device))
    return validation.candidates()[0]


def lowest(candidates: Sequence[Candidate]) -> Candidate:
    """Return the candidate of the lowest mean loss; the first of equals."""
    return min(candidates, key=lambda candidate: candidate.held_out.mean())


def splits(fold: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield masks ``(n,)`` of the images to fit on and of those held out, fold by fold."""
    for index in range(int(fold.max()) + 1):
        yield fold != index, fold == index


def _rotated(features: Tensor) -> tuple[Tensor, Callable[[LinearHead], LinearHead]]:
    """Return features ``(V, n, d)`` rotated to their span, once for all folds, which changes no fit.

    And what brings a head on them back.
    """
    mean = features.flatten(0, 1).mean(0)
    centred = features - mean
    basis = row_span(centred.flatten(0, 1))
    # their mean may lie outside that span, and every fit takes a mean off anyway
    if basis is None:
        return features, lambda head: head

    def leave(head: LinearHead) -> LinearHead:
        weight = head.weight @ basis.T
        return LinearHead(weight, head.bias - weight @ mean)

    return centred @ basis, leave
