"""Held-out losses of attention heads inside the labelled set."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from fact.training.heads.attention import AttentionHead, Pooling, TokenSamples, attention_path
from fact.training.heads.cross_validation import Candidate, CrossValidation, splits
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.lbfgs import Limits
from fact.training.heads.spec import HeadSpec
from fact.training.heads.token_source import TokenSource

# enough to order held-out losses; the final fit goes on to the optimum
LIMITS = Limits(max_iterations=10, tolerance=1e-4)


def attention_candidates(
    strength: float,
    data: LabelledSet,
    views: TokenSource,
    fold: Tensor,
    start: Candidate,
    pulls: Sequence[float],
    spec: HeadSpec,
) -> list[Candidate]:
    """Return attention heads for every finite rho of descending ``pulls``, with their held-out losses.

    ``start``: the validated linear head on the mean of the tokens whose C they take. In every fold the first
    one starts from that fold's linear head, and each is given at most the iterations of :data:`LIMITS` from
    the one before.
    """
    pulls = [pull for pull in pulls if pull != float("inf")]
    if not pulls:
        return []
    settings = [Candidate("map", strength, start.own_C, rho=pull) for pull in pulls]
    validation = CrossValidation(data, fold, settings)
    for linear, (train, held_out) in zip(start.fold_heads, splits(fold), strict=True):
        samples = TokenSamples(
            views, data.labels, data.num_classes, weights=train.double(), offset=data.offset
        )
        pooling = Pooling(spec.heads, spec.value)
        path = attention_path(samples, start.own_C, pulls, pooling=pooling, start=linear, limits=LIMITS)
        for index, fit in enumerate(path):
            validation.add(index, held_out, _logits(fit.head, views, held_out))
    return [replace(row, fold_heads=start.fold_heads) for row in validation.candidates()]


def _logits(head: AttentionHead, views: TokenSource, images: Tensor) -> Tensor:
    """Return logits ``(m, K)`` of the original tokens of the images of a mask."""
    return torch.cat([head.logits(block.tokens) for block in views.blocks(images, views=1)])
