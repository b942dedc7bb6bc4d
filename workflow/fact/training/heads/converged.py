"""Phase 1 converged: logistic regression on frozen features by L-BFGS (LR-frozen, start of phase 2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fact.infra.fields import Settings
from fact.infra.process.clock import Clock
from fact.training.heads.along_C import along_C
from fact.training.heads.cross_validation import Candidate, lowest, validation_fold
from fact.training.heads.head import Head
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.linear_fit import fit_linear
from fact.training.heads.report import fit_report
from fact.training.heads.spec import HeadSpec, read_head_spec


def read_settings(settings: Settings) -> HeadSpec:
    """Return the probe of plain settings: ``C`` (a number, or cv over ``C_grid`` in ``folds``),
    ``fallback_C``, ``transform``.

    Raises ConfigError naming the key.
    """
    return read_head_spec({**settings, "kind": "lr", "pooling": "pooled"})


def fit_probe(
    features: torch.Tensor,
    labels: torch.Tensor,
    sample_ids: Sequence[str],
    num_classes: int,
    settings: HeadSpec,
    seed: int,
    groups: NDArray[np.int64] | None = None,
) -> tuple[Head, dict[str, float], dict[str, Any]]:
    """Fit a linear head on ``features (n, D)`` and ``labels (n,)``, where they lie.

    ``groups (n,)``: images of one number are held out together. Returns it, seconds, and a report.
    """
    data = LabelledSet(
        pooled=features.float(),
        labels=labels.long(),
        sample_ids=sample_ids,
        num_classes=num_classes,
        offset=None,
        seed=seed,
        groups=groups,
    )
    clock = Clock()
    with clock.time("train"):
        chosen, tried = _choose(data, settings)
        head, minimum = fit_linear(chosen, data, None)
    details = fit_report(head, chosen, tried=tried, minimum=minimum, labelled=len(labels), open=settings.open)
    size = sum(head.parameters().values())
    return head, clock.seconds(), {"parameters": {"trainable": size, "total": size}, "details": details}


def _choose(data: LabelledSet, spec: HeadSpec) -> tuple[Candidate, list[Candidate]]:
    """Return the C of the lowest held-out log-loss; the fallback when no class has two labelled images."""
    fold = validation_fold(data, spec)
    if fold is None:
        return Candidate("pooled", 0.0, spec.given_C, transform=spec.transforms[-1]), []
    tried = along_C("pooled", 0.0, data=data, views=None, fold=fold, spec=spec, transforms=spec.transforms)
    return lowest(tried), tried
