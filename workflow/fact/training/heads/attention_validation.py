"""Held-out losses of attention heads inside the labelled set."""

from collections.abc import Sequence
from functools import partial

from torch import Tensor

from fact.training.heads.attention import Pooling, attention_path, token_units
from fact.training.heads.cross_validation import Candidate, cross_validated
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.lbfgs import Limits
from fact.training.heads.spec import HeadSpec

# enough to order held-out losses; the final fit goes on to the optimum
LIMITS = Limits(max_iterations=10, tolerance=1e-4)


def attention_candidates(
    strength: float,
    data: LabelledSet,
    views: Tensor,
    fold: Tensor,
    C: float,
    pulls: Sequence[float],
    spec: HeadSpec,
) -> list[Candidate]:
    """Return attention heads at ``C`` for every finite rho of descending ``pulls``, with their held-out
    losses.

    Each is given at most the iterations of :data:`LIMITS` from the one before.
    """
    pulls = [pull for pull in pulls if pull != float("inf")]
    if not pulls:
        return []
    fit = partial(
        attention_path,
        C=C,
        pulls=pulls,
        pooling=Pooling(spec.heads, spec.value),
        units=token_units(views[0]),
        limits=LIMITS,
    )
    settings = [Candidate("map", strength, C, rho=pull) for pull in pulls]
    return cross_validated(settings, fit, rows=views, data=data, fold=fold)
