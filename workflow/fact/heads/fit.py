"""Phase 3: fit a lightweight head on the labelled images' features; choose its settings if they are open."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import torch
from torch import Tensor

from fact.heads.attention import attention_path, token_units
from fact.heads.choose import paired_excess
from fact.heads.cross_validation import Candidate
from fact.heads.head import Head, add_linear, attention_head, both_head, mean_head, pooled_head
from fact.heads.labelled_set import LabelledSet, in_raw_units, linear_features, repeat_rows, view_weights
from fact.heads.lbfgs import Minimum
from fact.heads.linear import LinearHead
from fact.heads.logistic import logistic_path, mean_norm
from fact.heads.search import search
from fact.heads.spec import HeadSpec, read_head_spec


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
    :class:`fact.heads.spec.HeadSpec`. ``tokens`` may be None where the head reads the pooled vector alone.
    ``start_head`` is phase 2's linear head on the pooled vector; with ``prior: start`` the fitted head is
    pulled towards it and "auto" may keep it. The report holds, as JSON types, what was chosen, every
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
    report = {
        "labelled": len(labels),
        "chosen": _plain(chosen),
        "candidates": _table(tried),
        "fallback": settings.open and not tried,
        "parameters": head.parameters(),
        "convergence": None if minimum is None else asdict(minimum),
        "seconds": {"search": searched - began, "fit": time.perf_counter() - searched},
    }
    return head, report


def fit_candidate(candidate: Candidate, data: LabelledSet, spec: HeadSpec) -> tuple[Head, Minimum | None]:
    """Fit one candidate on all labelled images; what it adds to the start head if ``data`` has an offset."""
    if candidate.pooling == "start":
        zero = torch.zeros(data.num_classes, data.pooled.shape[1])
        return pooled_head(LinearHead(zero, zero[:, 0])), None
    views = None if candidate.pooling == "pooled" else data.views(candidate.strength)
    if candidate.pooling == "map":
        return _fit_attention(candidate, data, views, spec)
    return _fit_linear(candidate, data, views)


def _fit_linear(candidate: Candidate, data: LabelledSet, views: Tensor | None) -> tuple[Head, Minimum]:
    features, units = linear_features(candidate.pooling, data.pooled, views)
    everyone = torch.ones(len(data.labels), dtype=torch.bool)
    fit = logistic_path(
        repeat_rows(features, everyone),
        data.labels.repeat(len(features)),
        data.num_classes,
        [candidate.C],
        weights=view_weights(features, everyone),
        offset=data.offset_of(everyone, len(features)),
        scale=mean_norm(features[0]),
    )[0]
    linear = in_raw_units(fit.head, units)
    if candidate.pooling == "both":
        return both_head(linear, data.pooled.shape[1]), fit.minimum
    return (pooled_head if candidate.pooling == "pooled" else mean_head)(linear), fit.minimum


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
    return attention_head(fit.head), fit.minimum


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
    return LabelledSet(
        pooled.float(), tokens, labels.long(), sample_ids, num_classes, offset, settings.frofa, seed
    )


def _plain(candidate: Candidate) -> dict:
    """A candidate's settings as JSON types."""
    return {key: getattr(candidate, key) for key in ("pooling", "strength", "C", "rho")}


def _table(tried: Sequence[Candidate]) -> list[dict]:
    """Every candidate with its held-out log-loss, in nats, and how far that is above the best."""
    if not tried:
        return []
    losses = np.stack([candidate.losses for candidate in tried])
    excess, error = paired_excess(losses)
    measured = zip(tried, losses.mean(1), excess, error, strict=True)
    return [
        {
            **_plain(candidate),
            "log_loss": float(loss),
            "excess": float(above),
            "standard_error": float(deviation),
            "accuracy": candidate.accuracy,
        }
        for candidate, loss, above, deviation in measured
    ]
