"""Held-out losses of attention heads inside the labelled set."""

from collections.abc import Sequence

import torch
from torch import Tensor

from fact.heads.attention import attention_path, token_units
from fact.heads.cross_validation import Candidate, scored, splits
from fact.heads.labelled_set import LabelledSet, repeat_rows, view_weights
from fact.heads.spec import HeadSpec

# enough to order held-out losses; the final fit goes on to the optimum
ATTENTION_ITERATIONS = 10


def attention_candidates(
    strength: float,
    data: LabelledSet,
    views: Tensor,
    fold: Tensor,
    C: float,
    pulls: Sequence[float],
    spec: HeadSpec,
) -> list[Candidate]:
    """Attention heads at ``C`` for every finite rho of descending ``pulls``.

    Each is given at most :data:`ATTENTION_ITERATIONS` from the one before.
    """
    pulls = [pull for pull in pulls if pull != float("inf")]
    if not pulls:
        return []
    units = token_units(views[0])
    logits = torch.full((len(pulls), len(fold), data.num_classes), float("nan"), dtype=torch.float64)
    for train, held_out in splits(fold):
        fits = attention_path(
            repeat_rows(views, train),
            data.labels[train].repeat(len(views)),
            data.num_classes,
            C,
            pulls,
            heads=spec.heads,
            value=spec.value,
            weights=view_weights(views, train),
            offset=data.offset_of(train, len(views)),
            units=units,
            max_iterations=ATTENTION_ITERATIONS,
        )
        for row, fit in zip(logits, fits, strict=True):
            row[held_out] = fit.head.logits(views[0, held_out]).double()
    settings = [Candidate("map", strength, C, pull) for pull in pulls]
    return scored(settings, logits, data, fold)
