"""What the card says of the accuracy: which kind it is, and what it rests on."""

import pytest
from fact.model.audit import NO_AUDIT, Stratum, audited, with_audit
from fact.model.card import card
from fact.model.estimate import LEVEL, ClassMeasured, Measured, estimate

CONFIG = {
    "classes": ["cat", "dog"],
    "labelled": 20,
    "architecture": "vit",
    "source": "vit",
    "recipe": "frozen",
    "head": "pooled",
    "pool_images": 0,
    "license": None,
    "tuner": None,
    "temperature": 1.0,
    "preprocessing": {
        "image_size": 8,
        "transform": "crop",
        "interpolation": "bicubic",
        "mean": [0.5],
        "std": [0.5],
    },
}
ASSESSMENT = {
    "measured": {"held_out": 20, "folds": 4, "groups": None, "per_one": 1.0},
    "recipe": "frozen",
    "pool": False,
    "skipped": {},
    "recipes": {},
    "gains": [],
    "classes": [],
    "cautions": [],
}
MEASURED = Measured(0.75, 20, 20, 4, [ClassMeasured(15, 15, 0.8, 0.7), ClassMeasured(5, 5, 0.6, 0.7)])
STRATA = [Stratum(50, ["a", "b"]), Stratum(50, ["c", "d"])]


def text(
    audit: dict = NO_AUDIT, measured: Measured = MEASURED, assessment: dict = ASSESSMENT, left_out: int = 0
) -> str:
    found = {**estimate(measured)._asdict(), "level": LEVEL, "unlabelled": 100}
    exports = {"onnx": {"1": 0.0}, "timm": "backbone"}
    test = {"images": 0, "accuracy": None, "of_learnt_groups": left_out}
    return card(CONFIG, assessment, with_audit(found, audit), test=test, exports=exports, name="birds")


def audit_of(ignore_missing: bool = False, **labels: str) -> dict:
    predicted = dict.fromkeys("abcd", "cat")
    return audited(STRATA, labels, predicted, CONFIG["classes"], ignore_missing=ignore_missing)


def test_an_estimate_says_that_the_images_were_chosen_and_how_to_measure() -> None:
    found = text()
    assert "About **70.0 %**" in found and "Counting each labelled image once gives 75.0 %" in found
    assert "chosen as typical ones and not drawn at random" in found
    assert "`fact audit PROJECT` draws 30 images at random" in found


def test_groups_are_told_with_what_they_mean_for_the_estimate() -> None:
    about = {**ASSESSMENT, "measured": {**ASSESSMENT["measured"], "groups": 6, "per_one": 3.25}}
    found = text(assessment=about, left_out=5)
    assert "of images of groups that have no label" in found and "images like the pool's" not in found
    assert "6 groups that are each held out as a whole" in found and "3.2 of them count as one" in found
    assert "5 test images are of groups that have labels, and do not count." in found


def test_without_a_held_out_image_an_audit_is_pointed_at() -> None:
    found = text(measured=Measured(None, 0, 2, 0))
    assert "**Not known**" in found and "`fact audit PROJECT`" in found


def test_an_audit_says_how_many_images_it_rests_on_and_keeps_the_estimate() -> None:
    found = text(audit_of(a="cat", b="cat", c="cat", d="dog"))
    assert "**75.0 %**" in found and "**measured on 4 images drawn at random**" in found
    assert "has 3 right" in found and "had let one expect 70.0 %" in found
    assert "About" not in found


@pytest.mark.parametrize(
    ("labels", "missing"), [({"a": "cat"}, 3), ({"a": "cat", "b": "dog", "c": "cat"}, 1)]
)
def test_an_audit_with_missing_labels_waits_and_says_how_many(labels: dict[str, str], missing: int) -> None:
    found = text(audit_of(**labels))
    assert f"{len(labels)} of 4 images drawn at random have a label, {missing} lack one" in found
    assert "About **70.0 %**" in found and "--ignore-missing" in found


def test_missing_labels_that_are_ignored_are_named() -> None:
    found = text(audit_of(ignore_missing=True, a="cat", c="cat"))
    assert "measured on 2 images" in found and "2 more were drawn and have no label" in found


def test_images_that_have_left_the_pool_are_counted_in_both_states() -> None:
    left = {name: "cat" for name in "abc"}
    for labels, said in (
        (dict.fromkeys("abcd", "cat"), "measured on 3 images"),
        ({"a": "cat"}, "1 of 3 images"),
    ):
        found = text(audited(STRATA, labels, left, CONFIG["classes"], ignore_missing=False))
        assert said in found and "1 more were drawn and have left the pool since" in found


def test_classes_that_the_model_lacks_are_named_and_escaped() -> None:
    found = text(audit_of(a="cat", b="<heron>", c="cat", d="cat"))
    assert r"1 of them are of classes that the model does not have (\<heron\>) and count as wrong" in found
