"""Phase 3: fit a lightweight head on the labelled images' features; choose its settings if they are open."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from fact.training.frofa.contract import load_operation
from fact.training.frofa.views import make_views
from fact.training.heads.attention import attention_path, token_units
from fact.training.heads.cross_validation import Candidate
from fact.training.heads.head import Head, add_linear, attention_head, pooled_head
from fact.training.heads.labelled_set import LabelledSet, view_weights
from fact.training.heads.lbfgs import Minimum
from fact.training.heads.linear import LinearHead
from fact.training.heads.linear_fit import fit_linear
from fact.training.heads.report import fit_report
from fact.training.heads.search import search
from fact.training.heads.spec import Frofa, HeadSpec, read_head_spec


def fit_head(
    pooled: Tensor,
    tokens: Tensor | None,
    labels: Tensor,
    sample_ids: Sequence[str],
    num_classes: int,
    *,
    spec: Mapping[str, object],
    seed: int,
    start_head: LinearHead | None = None,
) -> tuple[Head, dict]:
    """Fit a head on ``pooled (n, D)`` and ``tokens (n, H, W, C)`` of the labelled images, and report on it.

    ``labels (n,)`` are class indices below ``num_classes``; ``spec`` is described by
    :class:`fact.training.heads.spec.HeadSpec`. ``tokens`` may be None where the head reads the pooled vector
    alone. ``start_head`` is phase 2's linear head on the pooled vector; with ``prior: start`` the fitted
    head is pulled towards it and "auto" may keep it. The report holds, as JSON types, what was chosen, every
    candidate's held-out log-loss, parameter counts, how the minimisation ended and seconds. Raises
    ValueError for settings or features that cannot be used.
    """
    settings = read_head_spec(spec)
    data = _labelled_set(pooled, tokens, labels, sample_ids, num_classes, settings, seed, start_head)
    began = time.perf_counter()
    chosen, tried = search(data, settings)
    searched = time.perf_counter()
    head, minimum = fit_candidate(chosen, data, settings)
    head = add_linear(head, start_head if data.offset is not None else None)
    report = fit_report(head, chosen, tried, minimum, len(labels), open=settings.open)
    report["seconds"] = {"search": searched - began, "fit": time.perf_counter() - searched}
    return head, report


def fit_candidate(candidate: Candidate, data: LabelledSet, spec: HeadSpec) -> tuple[Head, Minimum | None]:
    """Fit one candidate on all labelled images; what it adds to the start head if ``data`` has an offset."""
    if candidate.pooling == "start":
        zero = torch.zeros(data.num_classes, data.pooled.shape[1])
        return pooled_head(LinearHead(zero, zero[:, 0])), None
    views = None if candidate.pooling == "pooled" else data.views(candidate.strength)
    if candidate.pooling == "map":
        return _fit_attention(candidate, data, views, spec)
    return fit_linear(candidate, data, views)


def _fit_attention(
    candidate: Candidate, data: LabelledSet, views: Tensor, spec: HeadSpec
) -> tuple[Head, Minimum | None]:
    everyone = torch.ones(len(data.labels), dtype=torch.bool)
    fit = attention_path(
        views.flatten(0, 1),
        data.labels.repeat(len(views)),
        data.num_classes,
        candidate.C,
        [candidate.rho],
        heads=spec.heads,
        value=spec.value,
        weights=view_weights(views, everyone),
        offset=data.offset_of(everyone, len(views)),
        units=token_units(views[0]),
    )[0]
    return attention_head(fit.head.linear, fit.head.query, fit.head.value), fit.minimum


def _labelled_set(
    pooled: Tensor,
    tokens: Tensor | None,
    labels: Tensor,
    sample_ids: Sequence[str],
    num_classes: int,
    settings: HeadSpec,
    seed: int,
    start_head: LinearHead | None,
) -> LabelledSet:
    if settings.prior == "start" and start_head is None:
        raise ValueError(
            "head: prior = 'start' needs the head to start from; pass start_head, or use prior: zero"
        )
    counts = {len(pooled), len(labels), len(sample_ids), len(labels if tokens is None else tokens)}
    if len(counts) != 1:
        raise ValueError(f"head: pooled, tokens, labels and sample_ids differ in length: {sorted(counts)}")
    offset = start_head.logits(pooled).double() if settings.prior == "start" else None
    for op in settings.frofa.ops:
        load_operation(op.name)
    augment = partial(_views, tokens, sample_ids, settings.frofa, seed)
    return LabelledSet(pooled.float(), tokens, labels.long(), sample_ids, num_classes, offset, seed, augment)


def _views(tokens: Tensor, sample_ids: Sequence[str], frofa: Frofa, seed: int, strength: float) -> Tensor:
    return make_views(
        tokens,
        sample_ids,
        variant=frofa.variant,
        strength=strength,
        views=frofa.views if strength > 0 else 0,
        seed=seed,
        ops=frofa.ops,
        draw=frofa.draw,
    )
