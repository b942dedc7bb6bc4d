"""The converged fit of a linear candidate on all labelled images."""

from fact.training.heads.cross_validation import Candidate
from fact.training.heads.head import Head, both_head, mean_head, pooled_head
from fact.training.heads.labelled_set import (
    LabelledSet,
    from_raw_units,
    in_raw_units,
    linear_features,
    scale_of,
)
from fact.training.heads.lbfgs import Minimum
from fact.training.heads.logistic import logistic_path
from fact.training.heads.token_source import TokenSource


def fit_linear(candidate: Candidate, data: LabelledSet, views: TokenSource | None) -> tuple[Head, Minimum]:
    """Fit a candidate that pools "pooled", "mean" or "both"; ``views`` may be None for "pooled".

    It starts from the mean of the candidate's heads of the folds, near the optimum.
    """
    features, units = linear_features(candidate.pooling, data.pooled, views, candidate.transform)
    samples = data.samples(features, data.everyone)
    start = None if candidate.mean_head is None else from_raw_units(candidate.mean_head, units)
    fit = logistic_path(
        samples, [candidate.own_C], start=start, scale=scale_of(features, candidate.transform)
    )[0]
    linear = in_raw_units(fit.head, units)
    if candidate.pooling == "both":
        return both_head(linear, data.pooled.shape[1], candidate.transform), fit.minimum
    head = pooled_head if candidate.pooling == "pooled" else mean_head
    return head(linear, candidate.transform), fit.minimum
