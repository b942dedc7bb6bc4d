"""Logistic regression for a single C, towards zero or another head."""

from dataclasses import replace

import torch
from fact.training.heads.lbfgs import Limits
from fact.training.heads.linear import LinearHead, Samples
from fact.training.heads.logistic import LIMITS, Fit, logistic_path


def fit_path(
    features: torch.Tensor, labels: torch.Tensor, num_classes: int, strengths: list[float], **options: object
) -> list[Fit]:
    """The path of fits; ``options``: weights and offset of the samples, limits, and those of the path."""
    own = {name: options.pop(name) for name in ("weights", "offset") if name in options}
    limits = {name: options.pop(name) for name in ("max_iterations", "tolerance") if name in options}
    samples = Samples(features, labels, num_classes, **own)
    return logistic_path(samples, strengths, limits=replace(LIMITS, **limits), **options)


def fit_logistic(
    features: torch.Tensor,
    labels: torch.Tensor,
    num_classes: int,
    C: float,
    *,
    prior: LinearHead | None = None,
    start: LinearHead | None = None,
    **options: object,
) -> LinearHead:
    """The head for a single C. With ``prior`` its penalty is half the squared change from that head."""
    if prior is None:
        return fit_path(features, labels, num_classes, [C], start=start, **options)[0].head
    start = None if start is None else start.minus(prior)
    offset = prior.logits(features)
    path = fit_path(features, labels, num_classes, [C], start=start, offset=offset, **options)
    return path[0].head.plus(prior)


def limits(max_iterations: int = 200, tolerance: float = 1e-7) -> Limits:
    return Limits(max_iterations, tolerance)
