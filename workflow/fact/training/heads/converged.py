"""Phase 1 converged: logistic regression on frozen features by L-BFGS (LR-frozen, start of phase 2)."""

import torch

from fact.infra.process.clock import Clock
from fact.training.heads.cross_validation import Candidate, linear_candidates, lowest, validation_fold
from fact.training.heads.head import Head
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.linear_fit import fit_linear
from fact.training.heads.report import fit_report
from fact.training.heads.spec import HeadSpec, read_head_spec


def fit_probe(
    features: torch.Tensor,
    labels: torch.Tensor,
    sample_ids: list[str],
    num_classes: int,
    settings: dict,
    seed: int,
) -> tuple[Head, dict[str, float], dict]:
    """A linear head on ``features (n, D)`` and ``labels (n,)``, seconds by phase, and its score's report.

    ``settings``: ``C`` (a number, or cv over ``C_grid`` in ``folds`` folds), ``fallback_C``.
    """
    spec = read_head_spec({**settings, "kind": "lr", "pooling": "pooled"})
    data = LabelledSet(features.float().cpu(), None, labels.long().cpu(), sample_ids, num_classes, None, seed)
    clock = Clock()
    with clock.time("train"):
        chosen, tried = _choose(data, spec)
        head, minimum = fit_linear(chosen, data, None)
    details = fit_report(head, chosen, tried, minimum, len(labels), open=spec.open)
    size = sum(head.parameters().values())
    return head, clock.seconds(), {"parameters": {"trainable": size, "total": size}, "details": details}


def _choose(data: LabelledSet, spec: HeadSpec) -> tuple[Candidate, list[Candidate]]:
    """The C of the lowest held-out log-loss; the fallback when no class has two labelled images."""
    fold = validation_fold(data, spec)
    if fold is None:
        return Candidate("pooled", 0.0, spec.given_C), []
    tried = linear_candidates("pooled", 0.0, data, None, fold, spec.strengths_of_C)
    return lowest(tried), tried
