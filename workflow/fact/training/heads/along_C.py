"""Linear candidates along C; the grid grows where its end is the best of it."""

from collections.abc import Sequence
from functools import partial

from torch import Tensor

from fact.training.heads.cross_validation import Candidate, linear_candidates, lowest
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.spec import HeadSpec
from fact.training.heads.token_source import TokenSource
from fact.training.heads.transform import Transform

STEP = 10.0
# beyond these, heads on unit vectors no longer change
SMALLEST, LARGEST = 1e-3, 1e6


def along_C(
    pooling: str,
    strength: float,
    data: LabelledSet,
    views: TokenSource | None,
    fold: Tensor,
    spec: HeadSpec,
    transforms: Sequence[Transform] = ("none",),
) -> list[Candidate]:
    """Return linear heads of ``pooling`` for every C of the grid, and further ones while its end is the best.

    A given C is the only one. Each of ``transforms`` has a path of its own, one after the other. See
    :func:`fact.training.heads.cross_validation.linear_candidates`.
    """
    found: list[Candidate] = []
    for transform in transforms:
        candidates = partial(
            linear_candidates, pooling, strength, data, views=views, fold=fold, transform=transform
        )
        tried = candidates(grid=spec.strengths_of_C)
        while spec.C == "cv" and (further := _beyond(tried)):
            tried += candidates(grid=[further])
        found += sorted(tried, key=lambda candidate: candidate.own_C)
    return found


def _beyond(tried: list[Candidate]) -> float | None:
    """Return the next C beyond the end that is the best of those tried; None inside, and at the limits."""
    strengths, best = [candidate.own_C for candidate in tried], lowest(tried).own_C
    if best == max(strengths) and best * STEP <= LARGEST:
        return best * STEP
    if best == min(strengths) and best / STEP >= SMALLEST:
        return best / STEP
    return None
