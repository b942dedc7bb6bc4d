from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from fact.project.labels.reconcile import POLICIES, Outcome, reconcile
from fact.project.labels.vote import EARLIEST, Vote
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = ["b", "a", "c"]


def vote(sample_id: str, *choices: str, who: str = "ann", day: int = 0, cancelled: bool = False) -> Vote:
    return Vote(sample_id, choices, who, "file", START + timedelta(days=day), cancelled)


def outcomes(votes: list[Vote], **settings) -> list[Outcome]:
    return [outcome for _, outcome in reconcile(votes, ASKED, **settings).outcomes]


def test_labels_are_in_the_order_of_the_selection_then_extra_ones_by_id():
    votes = [vote(name, "cat") for name in ("z", "c", "x", "a", "b")]
    found = reconcile(votes, ASKED, pool=["x", "y", "z"])
    assert list(found.labels) == ["b", "a", "c", "x", "z"] and found.missing == []
    assert [outcome for _, outcome in found.outcomes].count(Outcome.EXTRA) == 2


def test_partial_labels_are_fine_and_what_is_missing_is_said():
    found = reconcile([vote("a", "cat")], ASKED)
    assert found.labels == {"a": "cat"} and found.missing == ["b", "c"]


def test_an_id_outside_selection_and_pool_is_unknown():
    assert outcomes([vote("x", "cat"), vote("", "cat")]) == [Outcome.UNKNOWN_ID] * 2


def test_a_path_of_another_image_is_no_label():
    votes = [vote("a", "cat")._replace(path=path) for path in ("a.jpg", "b.jpg", "")]
    paths = {"a": "a.jpg", "b": "b.jpg"}
    assert outcomes(votes, paths=paths) == [Outcome.USED, Outcome.OTHER_PATH, Outcome.DUPLICATE]


def test_a_vote_on_an_image_that_was_replaced_is_no_label():
    votes = [vote("a", "cat")._replace(sha256=digest) for digest in ("1", "2", "")]
    found = [Outcome.USED, Outcome.OTHER_IMAGE, Outcome.DUPLICATE]
    assert outcomes(votes, checksums={"a": "1"}) == found
    assert outcomes(votes) == [Outcome.USED, Outcome.DUPLICATE, Outcome.DUPLICATE]


def test_a_class_that_is_not_declared_is_unknown():
    votes = [vote("a", "cat"), vote("b", "Cat")]
    assert outcomes(votes, classes=["cat"]) == [Outcome.USED, Outcome.UNKNOWN_CLASS]
    assert outcomes(votes) == [Outcome.USED] * 2


def test_cancelled_empty_and_several_choices_are_no_labels():
    votes = [vote("a", "cat", cancelled=True), vote("b"), vote("c", "cat", "dog")]
    assert outcomes(votes) == [Outcome.CANCELLED, Outcome.EMPTY, Outcome.SEVERAL]
    assert reconcile(votes, ASKED).missing == ASKED


def test_the_same_vote_twice_counts_once():
    votes = [vote("a", "cat"), vote("a", "cat"), vote("a", "dog", who="bob")]
    assert outcomes(votes) == [Outcome.CONFLICT, Outcome.DUPLICATE, Outcome.CONFLICT]


def test_a_later_vote_of_an_annotator_supersedes_the_earlier():
    votes = [vote("a", "dog", day=1), vote("a", "cat", day=2), vote("a", "cat", day=0)]
    found = reconcile(votes, ASKED)
    assert found.labels == {"a": "cat"}
    assert outcomes(votes) == [Outcome.SUPERSEDED, Outcome.USED, Outcome.SUPERSEDED]


def test_a_cancelled_vote_supersedes_nothing():
    assert outcomes([vote("a", "cat"), vote("a", "dog", day=1, cancelled=True)])[0] is Outcome.USED


def test_an_annotator_of_two_minds_without_times_is_a_conflict():
    votes = [Vote("a", (name,), "ann", "file", EARLIEST) for name in ("cat", "dog")]
    assert outcomes(votes) == [Outcome.CONFLICT] * 2


def test_the_majority_of_annotators_decides():
    votes = [vote("a", name, who=who) for name, who in (("cat", "1"), ("dog", "2"), ("cat", "3"))]
    assert reconcile(votes, ASKED).labels == {"a": "cat"}
    assert outcomes(votes) == [Outcome.USED, Outcome.OUTVOTED, Outcome.USED]


def test_disagreement_may_be_left_out_instead():
    votes = [vote("a", name, who=who) for name, who in (("cat", "1"), ("dog", "2"), ("cat", "3"))]
    assert outcomes(votes, policy="leave") == [Outcome.CONFLICT] * 3
    assert reconcile(votes, ASKED, policy="leave").missing == ASKED


def test_agreement_of_annotators_is_used():
    assert (
        outcomes([vote("a", "cat", who="1"), vote("a", "cat", who="2")], policy="leave") == [Outcome.USED] * 2
    )


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="majority, leave"):
        reconcile([], ASKED, policy="first")


VOTES = st.builds(
    vote,
    st.sampled_from(["a", "b", "c", "x", "y", ""]),
    *[st.sampled_from(["cat", "dog", "cta"])] * 1,
    who=st.sampled_from(["ann", "bob", "eve"]),
    day=st.integers(0, 2),
    cancelled=st.booleans(),
)


@given(st.lists(VOTES), st.sampled_from(POLICIES), st.sampled_from([None, ["cat", "dog"]]))
def test_every_vote_has_one_outcome_and_every_label_a_vote(votes, policy, classes):
    found = reconcile(votes, ASKED, ["x"], classes, policy)
    assert [voted for voted, _ in found.outcomes] == votes
    used = {
        (voted.sample_id, voted.choices[0])
        for voted, outcome in found.outcomes
        if outcome in (Outcome.USED, Outcome.EXTRA)
    }
    assert used == set(found.labels.items())
    assert Counter([*found.missing, *(name for name in found.labels if name in ASKED)]) == Counter(ASKED)


@given(st.lists(VOTES), st.sampled_from(POLICIES))
def test_labels_do_not_depend_on_the_order_of_votes(votes, policy):
    forward, backward = (reconcile(order, ASKED, ["x"], None, policy) for order in (votes, votes[::-1]))
    assert list(forward.labels.items()) == list(backward.labels.items())
