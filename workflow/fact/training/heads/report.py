"""What a score record tells of a fitted head: what was chosen, among what, and how the fit ended."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from fact.training.heads.choose import paired_excess
from fact.training.heads.cross_validation import Candidate
from fact.training.heads.head import Head
from fact.training.heads.lbfgs import Minimum


def fit_report(
    head: Head,
    chosen: Candidate,
    tried: Sequence[Candidate],
    minimum: Minimum | None,
    labelled: int,
    *,
    open: bool,
) -> dict:
    """Return, as JSON types, the choice, candidates' held-out log-losses, parameter counts and the fit's end.

    ``open``: whether something was to be chosen; with nothing tried, the fallback was taken.
    """
    return {
        "labelled": labelled,
        "chosen": _plain(chosen),
        "candidates": _table(tried),
        "fallback": open and not tried,
        "parameters": head.parameters(),
        "convergence": None if minimum is None else asdict(minimum),
    }


def _plain(candidate: Candidate) -> dict:
    """Return a candidate's settings as JSON types."""
    return {key: getattr(candidate, key) for key in ("pooling", "transform", "strength", "C", "rho")}


def _table(tried: Sequence[Candidate]) -> list[dict]:
    """Return every candidate with its held-out log-loss, in nats, and how far that is above the best."""
    if not tried:
        return []
    losses = np.stack([candidate.held_out for candidate in tried])
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
