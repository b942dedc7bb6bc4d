"""The draw of an audit is random, shares the pool's thirds, and gives an unbiased accuracy."""

import numpy as np
import pytest
from fact.model.apart import Grouped
from fact.model.audit import NO_AUDIT, Stratum, audited, draw_strata, stratified_accuracy, with_audit
from fact.model.estimate import interval

STRATA = [Stratum(60, ["a", "b"]), Stratum(30, ["c", "d"]), Stratum(10, ["e"])]
PREDICTED = dict.fromkeys("abcde", "cat")
CLASSES = ["cat", "dog"]
ESTIMATE = {"accuracy": 0.9, "low": 0.7, "high": 1.0, "level": 0.9, "unlabelled": 100}


def test_each_third_by_confidence_gives_its_share() -> None:
    names, confidences = [str(row) for row in range(90)], np.random.default_rng(0).random(90)
    strata = draw_strata(names, confidences, 30, 0)
    assert [(part.images, len(part.sample_ids)) for part in strata] == [(30, 10)] * 3
    tops = [max(confidences[int(name)] for name in part.sample_ids) for part in strata]
    lows = [min(confidences[int(name)] for name in part.sample_ids) for part in strata]
    assert tops[0] < lows[1] and tops[1] < lows[2]
    assert len({name for part in strata for name in part.sample_ids}) == 30


@pytest.mark.parametrize(("pool", "count"), [(10, 10), (7, 1), (8, 2), (100, 31), (3, 3)])
def test_as_many_are_drawn_as_were_asked_for(pool: int, count: int) -> None:
    strata = draw_strata([str(row) for row in range(pool)], np.linspace(0, 1, pool), count, 3)
    assert sum(len(part.sample_ids) for part in strata) == count
    assert sum(part.images for part in strata) == pool


def test_a_seed_draws_the_same_images_and_another_seed_others() -> None:
    names, confidences = [str(row) for row in range(200)], np.linspace(0, 1, 200)
    first, again, other = (draw_strata(names, confidences, 30, seed) for seed in (0, 0, 1))
    assert first == again != other


def test_the_accuracy_of_many_draws_is_that_of_the_pool_and_spreads_less_than_plain_draws() -> None:
    random, names = np.random.default_rng(2), [str(row) for row in range(500)]
    confidences = random.random(500)
    right = random.random(500) < confidences
    labels = {name: "cat" if is_right else "dog" for name, is_right in zip(names, right, strict=True)}
    predicted = dict.fromkeys(names, "cat")
    found, held = [], 0
    for seed in range(400):
        record = audited(
            draw_strata(names, confidences, 30, seed), labels, predicted, CLASSES, ignore_missing=False
        )
        found.append(record["accuracy"])
        held += record["low"] <= right.mean() <= record["high"]
    assert abs(np.mean(found) - right.mean()) < 4 * np.std(found) / 20
    plain = [right[random.choice(500, 30, replace=False)].mean() for _ in range(400)]
    assert np.std(found) < 0.9 * np.std(plain)
    assert held / 400 >= 0.9


def test_strata_weigh_by_their_images() -> None:
    right = {"a": True, "b": False, "c": True, "d": True, "e": False}
    assert stratified_accuracy(STRATA, right) == pytest.approx(0.6 * 0.5 + 0.3)
    # a stratum without a label is left out
    assert stratified_accuracy(STRATA, {"a": True, "b": False, "c": True}) == pytest.approx(
        (60 * 0.5 + 30) / 90
    )


def test_a_whole_audit_has_the_exact_interval() -> None:
    labels = {"a": "cat", "b": "dog", "c": "cat", "d": "cat", "e": "cat"}
    record = audited(STRATA, labels, PREDICTED, CLASSES, ignore_missing=False)
    assert record["accuracy"] == pytest.approx(0.6 * 0.5 + 0.4)
    assert (record["low"], record["high"]) == pytest.approx(interval(4 / 5, 5))
    assert (record["asked"], record["labelled"], record["right"], record["unknown"]) == (5, 5, 4, 0)


def test_images_that_have_left_the_pool_leave_the_audit() -> None:
    labels = {"a": "cat", "b": "dog", "c": "cat", "d": "dog", "e": "cat"}
    left = {name: "cat" for name in "acd"}
    record = audited(STRATA, labels, left, CLASSES, ignore_missing=False)
    # of the first third half is left, of the last nothing
    assert record["accuracy"] == pytest.approx((30 * 1 + 30 * 0.5) / 60)
    assert (record["asked"], record["labelled"], record["right"], record["gone"]) == (3, 3, 2, 2)
    assert (record["low"], record["high"]) == pytest.approx(interval(2 / 3, 3))
    nothing = audited(STRATA, labels, {}, CLASSES, ignore_missing=True)
    assert nothing["accuracy"] is None and (nothing["asked"], nothing["gone"]) == (0, 5)


def test_what_is_left_of_a_draw_measures_what_is_left_of_the_pool() -> None:
    random, names = np.random.default_rng(4), [str(row) for row in range(600)]
    confidences = random.random(600)
    right = random.random(600) < confidences
    labels = {name: "cat" if is_right else "dog" for name, is_right in zip(names, right, strict=True)}
    # mostly images that the model is not sure of leave it
    stay = random.random(600) < 0.2 + 0.8 * confidences
    left = {name: "cat" for name, stays in zip(names, stay, strict=True) if stays}
    draws = (draw_strata(names, confidences, 30, seed) for seed in range(400))
    found = [audited(strata, labels, left, CLASSES, ignore_missing=False)["accuracy"] for strata in draws]
    assert abs(np.mean(found) - right[stay].mean()) < 4 * np.std(found) / 20


def test_images_of_groups_that_are_learnt_from_do_not_count_and_groups_widen_the_interval() -> None:
    labels = {"a": "cat", "b": "cat", "c": "cat", "d": "dog", "e": "cat"}
    names = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "3"}
    grouped = Grouped(names, frozenset({"3"}))
    record = audited(STRATA, labels, PREDICTED, CLASSES, ignore_missing=False, grouped=grouped)
    assert (record["asked"], record["learnt_groups"], record["gone"]) == (4, 1, 0)
    assert record["accuracy"] == pytest.approx((60 * 1 + 30 * 0.5) / 90)
    low, high = interval(0.75, 4)
    assert record["low"] < low and record["high"] > high


def test_missing_labels_count_only_where_they_may_be_ignored() -> None:
    labels = {"a": "cat", "c": "dog"}
    waits = audited(STRATA, labels, PREDICTED, CLASSES, ignore_missing=False)
    assert waits["accuracy"] is None and (waits["asked"], waits["labelled"]) == (5, 2)
    counts = audited(STRATA, labels, PREDICTED, CLASSES, ignore_missing=True)
    assert counts["accuracy"] == pytest.approx(60 / 90)
    assert counts["low"] <= counts["accuracy"] <= counts["high"]
    assert audited(STRATA, {}, PREDICTED, CLASSES, ignore_missing=True)["accuracy"] is None


def test_a_class_that_the_model_lacks_counts_as_wrong() -> None:
    labels = {**dict.fromkeys("abcd", "cat"), "e": "heron"}
    record = audited(STRATA, labels, PREDICTED, CLASSES, ignore_missing=False)
    assert record["right"] == 4 and record["unknown"] == 1 and record["unknown_classes"] == ["heron"]


def test_the_audit_takes_the_place_of_the_estimate_which_is_kept() -> None:
    audit = audited(STRATA, dict.fromkeys("abcde", "cat"), PREDICTED, CLASSES, ignore_missing=False)
    found = with_audit(ESTIMATE, audit)
    assert found["source"] == "audit" and found["accuracy"] == 1.0 and found["unlabelled"] == 100
    assert found["cross_validated"] == {"accuracy": 0.9, "low": 0.7, "high": 1.0}


@pytest.mark.parametrize(
    "audit", [NO_AUDIT, audited(STRATA, {"a": "cat"}, PREDICTED, CLASSES, ignore_missing=False)]
)
def test_without_a_whole_audit_the_estimate_stays(audit: dict) -> None:
    found = with_audit(ESTIMATE, audit)
    assert found["source"] == "cross-validation" and {**found, **ESTIMATE} == found
