"""Held-out losses of attention heads inside the labelled set."""

from collections.abc import Iterable, Sequence

from torch import Tensor

from fact.training.heads.attention import attention_path, token_units
from fact.training.heads.cross_validation import Candidate, cross_validated
from fact.training.heads.labelled_set import LabelledSet
from fact.training.heads.spec import HeadSpec

# enough to order held-out losses; the final fit goes on to the optimum
ATTENTION_ITERATIONS = 10


def attention_candidates(
    strength: float,
    data: LabelledSet,
    views: Tensor,
    fold: Tensor,
    C: float,
    pulls: Sequence[float],
    spec: HeadSpec,
) -> list[Candidate]:
    """Attention heads at ``C`` for every finite rho of descending ``pulls``.

    Each is given at most :data:`ATTENTION_ITERATIONS` from the one before.
    """
    pulls = [pull for pull in pulls if pull != float("inf")]
    if not pulls:
        return []
    units = token_units(views[0])

    def fit(*labelled: object, **weighted: object) -> Iterable[object]:
        return attention_path(
            *labelled,
            C,
            pulls,
            heads=spec.heads,
            value=spec.value,
            **weighted,
            units=units,
            max_iterations=ATTENTION_ITERATIONS,
        )

    settings = [Candidate("map", strength, C, pull) for pull in pulls]
    return cross_validated(settings, fit, views, data, fold)
