"""Which head to fit: a choice inside the labelled set, by held-out log-loss.

Within one structure (what is pooled, how strongly tokens are augmented and attention is pulled back) C
is where the held-out log-loss is lowest. C is no matter of simplicity: the loss is smooth in it, and
leaning to smaller C costs several points of accuracy where labels are few. Among the structures,
each at its best C, the simplest within one standard error of the best wins, in the order

    start head < pooled < mean < both < map, then weaker FroFA, then stronger pull on attention.

All candidates are compared on the same held-out images. One comparison stays unfair: features refined
on the labelled images are easy on them, and held-out losses too low. The start head has even been
trained on them; it is a candidate only where every other candidate adds to it (``prior: start``)
and shares that advantage.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

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
        return Candidate("pooled", 0.0, C) if data.offset is None else Candidate("start", 0.0, None)
    if spec.kind == "map" and spec.pulls[0] != float("inf"):
        return Candidate("map", spec.frofa.strengths[0], C, rho=spec.pulls[0])
    pooling = "mean" if spec.kind == "map" else spec.pooling
    return Candidate(pooling, 0.0 if pooling == "pooled" else spec.frofa.strengths[0], C)


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
        tried += linear_candidates(
            spec.pooling, strength, data=data, views=views, fold=fold, grid=spec.strengths_of_C
        )
    return tried


def _attention(data: LabelledSet, spec: HeadSpec, fold: Tensor) -> list[Candidate]:
    """Try mean pooling along C, then attention along rho at the C that was best."""
    tried = []
    for strength in spec.frofa.strengths:
        views = data.views(strength)
        linear = linear_candidates(
            "mean", strength, data=data, views=views, fold=fold, grid=spec.strengths_of_C
        )
        tried += linear
        tried += attention_candidates(
            strength, data, views=views, fold=fold, start=lowest(linear), pulls=spec.pulls, spec=spec
        )
    return tried


def _auto(data: LabelledSet, spec: HeadSpec, fold: Tensor) -> list[Candidate]:
    """Try every structure without FroFA, then FroFA on the best structure that reads tokens."""
    tried = [] if data.offset is None else [start_candidate(data, fold)]
    tried += linear_candidates("pooled", 0.0, data=data, views=None, fold=fold, grid=spec.strengths_of_C)
    if data.make_views is None:
        return tried
    views = data.views(0.0)
    pooled_is_mean = data.pooled_is_mean(views)
    for pooling in () if pooled_is_mean else ("mean", "both"):
        tried += linear_candidates(pooling, 0.0, data=data, views=views, fold=fold, grid=spec.strengths_of_C)
    mean = lowest([row for row in tried if row.pooling == ("pooled" if pooled_is_mean else "mean")])
    if views.places > 1:
        tried += attention_candidates(
            0.0, data, views=views, fold=fold, start=mean, pulls=spec.pulls, spec=spec
        )
    reading = lowest([mean, *(row for row in tried if row.pooling in ("both", "map"))])
    for strength in spec.frofa.strengths:
        if strength > 0:
            tried += _augmented(reading, strength, data=data, spec=spec, fold=fold)
    return tried


def _augmented(
    reading: Candidate, strength: float, data: LabelledSet, spec: HeadSpec, fold: Tensor
) -> list[Candidate]:
    views = data.views(strength)
    if reading.pooling == "map":
        return attention_candidates(
            strength, data, views=views, fold=fold, start=reading, pulls=[reading.pull], spec=spec
        )
    pooling = "both" if reading.pooling == "both" else "mean"
    near = [C for C in spec.strengths_of_C if reading.own_C / 10 <= C <= reading.own_C * 10]
    return linear_candidates(pooling, strength, data=data, views=views, fold=fold, grid=near)
