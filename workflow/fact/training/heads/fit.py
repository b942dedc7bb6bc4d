"""Phase 3: fit a lightweight head on the labelled images' features; choose its settings if they are open."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fact.device import free_gpu_memory
from fact.infra.errors import ConfigError
from fact.infra.needed import needed
from fact.training.frofa.contract import load_operation
from fact.training.frofa.token_views import TokenViews
from fact.training.heads.attention import Pooling, TokenSamples, attention_path, token_units
from fact.training.heads.cross_validation import Candidate
from fact.training.heads.head import Head, add_linear, attention_head, pooled_head
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.lbfgs import Minimum
from fact.training.heads.linear import LinearHead
from fact.training.heads.linear_fit import fit_linear
from fact.training.heads.logistic import logistic_path
from fact.training.heads.pool_fit import PoolImages, fit_with_pool
from fact.training.heads.report import fit_report
from fact.training.heads.search import search
from fact.training.heads.spec import HeadSpec, PoolShare
from fact.training.heads.token_source import TokenSource


@dataclass(frozen=True)
class LabelledFeatures:
    """Features of the labelled images: ``pooled (n, D)``, ``tokens (n, H, W, C)``, class indices ``labels
    (n,)``.

    ``tokens`` may be None where the head reads the pooled vector alone. ``groups (n,)``: images of one number
    are held out together; None: every image by itself.
    """

    pooled: Tensor
    tokens: Tensor | None
    labels: Tensor
    sample_ids: Sequence[str]
    num_classes: int
    groups: NDArray[np.int64] | None = None

    @property
    def lengths(self) -> set[int]:
        """The lengths of the four, which must be one."""
        tokens = self.labels if self.tokens is None else self.tokens
        return {len(self.pooled), len(self.labels), len(self.sample_ids), len(tokens)}


def fit_head(
    features: LabelledFeatures,
    spec: HeadSpec,
    seed: int,
    start_head: LinearHead | None = None,
    device: torch.device | None = None,
    pool: PoolImages | None = None,
) -> tuple[Head, dict[str, Any]]:
    """Fit a head on the features of the labelled images, on ``device`` (default: the CPU), and report on it.

    ``start_head`` is phase 2's linear head on the pooled vector; with ``prior: start`` the fitted
    head is pulled towards it and "auto" may keep it. ``pool``: images that a head with ``pool`` takes in;
    without them, or where the graph says too little, it is chosen on the labelled images alone.
    The report holds, as JSON types, what was chosen, every candidate's held-out log-loss, parameter counts,
    how the minimisation ended and seconds. Raises ConfigError for settings that the features do not allow,
    ValueError for features that do not fit together.
    """
    place = torch.device("cpu") if device is None else device
    data = _labelled_set(features, spec, seed=seed, start_head=start_head, device=place)
    if spec.pool and pool and pool.power >= spec.pool.least_power:
        return _with_pool(data, pool, spec.pool)
    began = time.perf_counter()
    chosen, tried = search(data, spec)
    searched = time.perf_counter()
    head, minimum = fit_candidate(chosen, data, spec)
    head = add_linear(head, start_head if data.offset is not None else None)
    report = fit_report(head, chosen, tried=tried, minimum=minimum, labelled=len(data.labels), open=spec.open)
    seconds = {"search": searched - began, "fit": time.perf_counter() - searched}
    return head, {**report, **_about_pool(pool, 0), "seconds": seconds}


def _with_pool(data: LabelledSet, pool: PoolImages, share: PoolShare) -> tuple[Head, dict[str, Any]]:
    began = time.perf_counter()
    chosen, head, minimum = fit_with_pool(data, pool, share)
    report = fit_report(head, chosen, tried=[], minimum=minimum, labelled=len(data.labels), open=False)
    seconds = {"search": 0.0, "fit": time.perf_counter() - began}
    return head, {**report, **_about_pool(pool, len(pool.labels)), "seconds": seconds}


def _about_pool(pool: PoolImages | None, used: int) -> dict[str, Any]:
    return {} if pool is None else {"pool_images": used, "pool_power": pool.power}


def fit_candidate(candidate: Candidate, data: LabelledSet, spec: HeadSpec) -> tuple[Head, Minimum | None]:
    """Fit one candidate on all labelled images; what it adds to the start head if ``data`` has an offset."""
    if candidate.pooling == "start":
        zero = torch.zeros(data.num_classes, data.pooled.shape[1], device=data.pooled.device)
        return pooled_head(LinearHead(zero, zero[:, 0])), None
    if candidate.pooling == "map":
        return _fit_attention(candidate, data, views=data.views(candidate.strength), spec=spec)
    views = None if candidate.pooling == "pooled" else data.views(candidate.strength)
    return fit_linear(candidate, data, views)


def _fit_attention(
    candidate: Candidate, data: LabelledSet, views: TokenSource, spec: HeadSpec
) -> tuple[Head, Minimum | None]:
    weights = data.everyone.double()
    samples = TokenSamples(views, data.labels, data.num_classes, weights=weights, offset=data.offset)
    scale, guess = token_units(views).pooled, candidate.mean_head
    linear = logistic_path(samples.means(), [candidate.own_C], start=guess, scale=scale)[0].head
    pooling = Pooling(spec.heads, spec.value)
    fit = attention_path(samples, candidate.own_C, [candidate.pull], pooling=pooling, start=linear)[0]
    return attention_head(fit.head.linear, fit.head.query, fit.head.value), fit.minimum


def _labelled_set(
    features: LabelledFeatures, spec: HeadSpec, seed: int, start_head: LinearHead | None, device: torch.device
) -> LabelledSet:
    if spec.prior == "start" and start_head is None:
        raise ConfigError(
            "head: prior = 'start' needs the head to start from; pass start_head, or use prior: zero"
        )
    if len(features.lengths) != 1:
        lengths = sorted(features.lengths)
        raise ValueError(f"head: pooled, tokens, labels and sample_ids differ in length: {lengths}")
    for op in spec.frofa.ops:
        load_operation(op.name)
    offset = needed(start_head, "start head").logits(features.pooled) if spec.prior == "start" else None
    return LabelledSet(
        pooled=features.pooled.float().to(device),
        labels=features.labels.long().to(device),
        sample_ids=features.sample_ids,
        num_classes=features.num_classes,
        groups=features.groups,
        offset=None if offset is None else offset.double().to(device),
        seed=seed,
        make_views=None if features.tokens is None else _make_views(features, spec, seed, device),
    )


def _make_views(
    features: LabelledFeatures, spec: HeadSpec, seed: int, device: torch.device
) -> Callable[[float], TokenViews]:
    """Return what makes views of a strength; tokens go to a GPU once, where half of its memory holds them."""
    tokens = needed(features.tokens, "tokens of the head")
    if device.type == "cuda" and tokens.nbytes < free_gpu_memory(device) // 2:
        tokens = tokens.to(device)
    return partial(TokenViews, tokens, features.sample_ids, spec.frofa, seed, device=device)
