"""Which head to fit: a choice inside the labelled set, by held-out log-loss.

Within one structure (what is pooled, how strongly tokens are augmented and attention is pulled back) C and
the transform of the vectors are where the held-out log-loss is lowest. They are no matter of simplicity:
the loss is smooth in it, and leaning to smaller C costs several points of accuracy where labels are few.
Among the structures, each at its best C, the simplest within one standard error of the best wins, in the
order

    start head < pooled < mean < both < map, then weaker FroFA, then stronger pull on attention.

All candidates are compared on the same held-out images. One comparison stays unfair: features refined
on the labelled images are easy on them, and held-out losses too low. The start head has even been
trained on them; it is a candidate only where every other candidate adds to it (``prior: start``)
and shares that advantage.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from torch import Tensor

from fact.training.heads.along_C import along_C
from fact.training.heads.attention_validation import attention_candidates
from fact.training.heads.choose import choose
from fact.training.heads.cross_validation import (
    Candidate,
    linear_candidates,
    lowest,
    start_candidate,
    validation_fold,
)
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.spec import HeadSpec
from fact.training.heads.token_source import TokenSource

ORDER = ("start", "pooled", "mean", "both", "map")


def search(data: LabelledSet, spec: HeadSpec) -> tuple[Candidate, list[Candidate]]:
    """Return the head to fit and the candidates it was chosen from, in the order in which they were tried.

    No candidates when nothing is open, or when no class has two labelled images: then the choice is
    :func:`fallback`.
    """
    fold = validation_fold(data, spec)
    if fold is None:
        return fallback(data, spec), []
    tried = {"lr": _linear, "map": _attention, "auto": _auto}[spec.kind](data, spec, fold)
    return pick([candidate for candidate in tried if _allowed(candidate, spec)]), tried


def fallback(data: LabelledSet, spec: HeadSpec) -> Candidate:
    """Return what is fitted without cross-validation: given values, else ``fallback_C``, mean, least FroFA.

    "auto" keeps the start head if it adds to one, else it is a linear head on the pooled vector.
    """
    C = spec.given_C
    if spec.kind == "auto":
        linear = Candidate("pooled", 0.0, C, transform=spec.transforms[-1])
        return linear if data.offset is None else Candidate("start", 0.0, None)
    if spec.kind == "map" and spec.pulls[0] != float("inf"):
        return Candidate("map", spec.frofa.strengths[0], C, rho=spec.pulls[0])
    pooling = "mean" if spec.kind == "map" else spec.pooling
    transform = "none" if spec.kind == "map" else spec.transforms[-1]
    return Candidate(pooling, 0.0 if pooling == "pooled" else spec.frofa.strengths[0], C, transform=transform)


def pick(candidates: Sequence[Candidate]) -> Candidate:
    """Return the simplest structure within one standard error of the best, each at its best C."""
    structures: dict[tuple, list[Candidate]] = {}
    for candidate in candidates:
        structures.setdefault(_complexity(candidate), []).append(candidate)
    order = sorted(structures)
    best = [lowest(structures[key]) for key in order]
    return best[choose(np.stack([candidate.held_out for candidate in best]), range(len(best)))]


def _complexity(candidate: Candidate) -> tuple[int, float, float]:
    pull = float("inf") if candidate.rho is None else candidate.rho
    return ORDER.index(candidate.pooling), candidate.strength, -pull


def _allowed(candidate: Candidate, spec: HeadSpec) -> bool:
    """Return whether a candidate may be taken: a "map" head keeps attention unless rho may be infinite."""
    return spec.kind != "map" or candidate.pooling == "map" or float("inf") in spec.pulls


def _linear(data: LabelledSet, spec: HeadSpec, fold: Tensor) -> list[Candidate]:
    strengths = (0.0,) if spec.pooling == "pooled" else spec.frofa.strengths
    tried = []
    for strength in strengths:
        views = None if spec.pooling == "pooled" else data.views(strength)
        tried += along_C(
            spec.pooling, strength, data=data, views=views, fold=fold, spec=spec, transforms=spec.transforms
        )
    return tried


def _attention(data: LabelledSet, spec: HeadSpec, fold: Tensor) -> list[Candidate]:
    """Try mean pooling along C, then attention along rho at the C that was best."""
    tried = []
    for strength in spec.frofa.strengths:
        views = data.views(strength)
        linear = along_C("mean", strength, data=data, views=views, fold=fold, spec=spec)
        tried += linear
        tried += attention_candidates(
            strength, data, views=views, fold=fold, start=lowest(linear), pulls=spec.pulls, spec=spec
        )
    return tried


def _auto(data: LabelledSet, spec: HeadSpec, fold: Tensor) -> list[Candidate]:
    """Try every structure without FroFA, then FroFA on the best structure that reads tokens."""
    tried = [] if data.offset is None else [start_candidate(data, fold)]
    paths = partial(along_C, strength=0.0, data=data, fold=fold, spec=spec, transforms=spec.transforms)
    tried += paths("pooled", views=None)
    if data.make_views is None:
        return tried
    views = data.views(0.0)
    pooled_is_mean = data.pooled_is_mean(views)
    for pooling in () if pooled_is_mean else ("mean", "both"):
        tried += paths(pooling, views=views)
    means = [row for row in tried if row.pooling == ("pooled" if pooled_is_mean else "mean")]
    if views.places > 1:
        tried += attention_candidates(
            0.0,
            data,
            views=views,
            fold=fold,
            start=_plain_mean(means, data, views, fold, spec),
            pulls=spec.pulls,
            spec=spec,
        )
    reading = lowest([*means, *(row for row in tried if row.pooling in ("both", "map"))])
    for strength in spec.frofa.strengths:
        if strength > 0:
            tried += _augmented(reading, strength, data=data, spec=spec, fold=fold)
    return tried


def _plain_mean(
    means: Sequence[Candidate], data: LabelledSet, views: TokenSource, fold: Tensor, spec: HeadSpec
) -> Candidate:
    """Return the best head on means of tokens as they are, from which attention starts."""
    plain = [row for row in means if row.transform == "none"]
    return lowest(plain or along_C("mean", 0.0, data=data, views=views, fold=fold, spec=spec))


def _augmented(
    reading: Candidate, strength: float, data: LabelledSet, spec: HeadSpec, fold: Tensor
) -> list[Candidate]:
    views = data.views(strength)
    if reading.pooling == "map":
        return attention_candidates(
            strength, data, views=views, fold=fold, start=reading, pulls=[reading.pull], spec=spec
        )
    pooling = "both" if reading.pooling == "both" else "mean"
    grid = {*spec.strengths_of_C, reading.own_C}
    near = sorted(C for C in grid if reading.own_C / 10 <= C <= reading.own_C * 10)
    return linear_candidates(
        pooling, strength, data=data, views=views, fold=fold, grid=near, transform=reading.transform
    )
