"""Many votes into one label per image. Every vote gets one outcome, so that none is dropped silently."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from fact.infra.errors import LabelError
from fact.project.labels.vote import Vote

POLICIES = ("majority", "leave")
"""What becomes of an image whose annotators disagree: the label that most chose, none at a tie; or none."""


class Outcome(StrEnum):
    """What became of a vote."""

    USED = "used"
    EXTRA = "extra: used, though it was not asked for"
    DUPLICATE = "duplicate of a vote of the same annotator"
    SUPERSEDED = "superseded by a later vote of the same annotator"
    OUTVOTED = "outvoted by other annotators"
    CONFLICT = "conflict between annotators: left out"
    SEVERAL = "several classes chosen"
    UNKNOWN_CLASS = "unknown class"
    UNKNOWN_ID = "unknown sample id"
    OTHER_PATH = "path of another image than the sample id"
    OTHER_IMAGE = "the image is not the one that was labelled"
    CANCELLED = "cancelled or skipped"
    EMPTY = "without a label"


class Reconciliation(NamedTuple):
    """``labels`` by sample id: as asked for, then extra ones by id. ``outcomes``: one a vote, in order.

    ``missing``: ids asked for that have no label.
    """

    labels: dict[str, str]
    outcomes: list[tuple[Vote, Outcome]]
    missing: list[str]


def reconcile(
    votes: Sequence[Vote],
    asked: Sequence[str],
    pool: Iterable[str] = (),
    classes: Sequence[str] | None = None,
    policy: str = "majority",
    paths: Mapping[str, str] | None = None,
    checksums: Mapping[str, str] | None = None,
) -> Reconciliation:
    """Return one label for each image that has votes that agree, or that ``policy`` settles.

    ``asked``: ids of the selection; ``pool``: ids that may be labelled besides. ``classes``: the known ones,
    None for all. ``paths``, by sample id, tell a table of which one column was sorted alone, ``checksums``
    (sha256) an image that was replaced. Raises LabelError for an unknown policy.
    """
    if policy not in POLICIES:
        raise LabelError(f"policy {policy!r} is not one of {', '.join(POLICIES)}")
    wanted, accepted = set(asked), classes if classes is None else frozenset(classes)
    known = wanted.union(pool)
    paths, checksums = paths or {}, checksums or {}
    refused = [_refused(vote, known, paths, checksums=checksums) for vote in votes]
    outcomes = {position: outcome for position, outcome in enumerate(refused) if outcome is not None}
    labels = {}
    for sample_id, group in _by_sample(votes, outcomes).items():
        label, settled = _settle(group, accepted, policy)
        outcomes |= settled if sample_id in wanted else _as_extra(settled)
        if label is not None:
            labels[sample_id] = label
    ordered = [*asked, *sorted(labels.keys() - wanted)]
    return Reconciliation(
        {sample_id: labels[sample_id] for sample_id in ordered if sample_id in labels},
        [(vote, outcomes[position]) for position, vote in enumerate(votes)],
        [sample_id for sample_id in asked if sample_id not in labels],
    )


def _by_sample(votes: Sequence[Vote], outcomes: Mapping[int, Outcome]) -> dict[str, dict[int, Vote]]:
    """Return votes without an outcome so far, by their position, for each image."""
    groups: dict[str, dict[int, Vote]] = defaultdict(dict)
    for position, vote in enumerate(votes):
        if position not in outcomes:
            groups[vote.sample_id][position] = vote
    return groups


def _refused(
    vote: Vote, known: set[str], paths: Mapping[str, str], checksums: Mapping[str, str]
) -> Outcome | None:
    if vote.sample_id not in known:
        return Outcome.UNKNOWN_ID
    if vote.path and vote.path != paths.get(vote.sample_id, vote.path):
        return Outcome.OTHER_PATH
    if vote.sha256 and vote.sha256 != checksums.get(vote.sample_id, vote.sha256):
        return Outcome.OTHER_IMAGE
    if vote.cancelled:
        return Outcome.CANCELLED
    return None if vote.choices else Outcome.EMPTY


def _settle(
    votes: dict[int, Vote], classes: frozenset[str] | None, policy: str
) -> tuple[str | None, dict[int, Outcome]]:
    """Return the label of one image, if any, and what became of its votes."""
    outcomes = _superseded(votes)
    for position, vote in votes.items():
        if position not in outcomes and len(vote.choices) > 1:
            outcomes[position] = Outcome.SEVERAL
        elif position not in outcomes and classes is not None and vote.choices[0] not in classes:
            outcomes[position] = Outcome.UNKNOWN_CLASS
    valid = {position: vote.choices[0] for position, vote in votes.items() if position not in outcomes}
    label = _winner(Counter(valid.values()), policy)
    lost = Outcome.CONFLICT if label is None else Outcome.OUTVOTED
    return label, {
        **outcomes,
        **{position: Outcome.USED if choice == label else lost for position, choice in valid.items()},
    }


def _superseded(votes: dict[int, Vote]) -> dict[int, Outcome]:
    """Return votes that their annotator changed later, or gave twice."""
    latest: dict[str, datetime] = {}
    for vote in votes.values():
        latest[vote.annotator] = max(vote.time, latest.get(vote.annotator, vote.time))
    outcomes, seen = {}, set()
    for position, vote in votes.items():
        said = (vote.annotator, vote.choices)
        if vote.time < latest[vote.annotator]:
            outcomes[position] = Outcome.SUPERSEDED
        elif said in seen:
            outcomes[position] = Outcome.DUPLICATE
        else:
            seen.add(said)
    return outcomes


def _winner(counts: Counter, policy: str) -> str | None:
    ranked = counts.most_common(2)
    if len(ranked) == 2 and (policy == "leave" or ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0] if ranked else None


def _as_extra(outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
    return {
        position: Outcome.EXTRA if outcome is Outcome.USED else outcome
        for position, outcome in outcomes.items()
    }
