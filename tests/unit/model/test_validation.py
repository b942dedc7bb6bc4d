"""Out-of-fold logits: nobody is seen by a model that had it, and a stop loses no fold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fact.model.labelled import LabelledImages
from fact.model.validation import (
    NOTHING,
    PLAIN,
    POOL,
    KeptFolds,
    Share,
    out_of_fold,
    read_validations,
    save_validation,
)

IMAGES = np.arange(24, dtype=np.uint8).repeat(12).reshape(24, 2, 2, 3)
DATA = LabelledImages(IMAGES, IMAGES, np.arange(24) % 3, [f"i{row}" for row in range(24)], 3)


def remembering(train: LabelledImages, held_out: LabelledImages, seed: int) -> dict[str, np.ndarray]:
    """Logits that are large for an image that was trained on."""
    seen = set(train.trained[:, 0, 0, 0].tolist())
    rows = [[100.0 if value in seen else float(value), 0.0, 0.0] for value in held_out.scored[:, 0, 0, 0]]
    return {PLAIN: np.array(rows), POOL: np.array(rows) + 1}


def test_no_image_is_seen_by_its_own_model() -> None:
    logits, fold = out_of_fold(4, DATA, 0, remembering)
    assert logits[PLAIN][:, 0].tolist() == list(range(24)) and np.array_equal(logits[POOL], logits[PLAIN] + 1)
    assert sorted(set(fold)) == [0, 1, 2, 3]


def test_a_group_is_never_on_both_sides() -> None:
    groups = [f"g{row // 4}" for row in range(24)]
    data = replace(DATA, groups=groups)

    def check(train: LabelledImages, held_out: LabelledImages, seed: int) -> dict[str, np.ndarray]:
        assert not set(train.groups) & set(held_out.groups)
        return remembering(train, held_out, seed)

    _, fold = out_of_fold(4, data, 0, check)
    assert all(len(set(fold[row : row + 4])) == 1 for row in range(0, 24, 4)) and fold.max() == 3


def test_a_class_of_one_is_not_held_out() -> None:
    alone = LabelledImages(IMAGES, IMAGES, np.array([2, *([0, 1] * 11), 0]), DATA.sample_ids, 3)
    logits, fold = out_of_fold(4, alone, 0, remembering)
    assert fold[0] == -1
    for found in logits.values():
        assert np.isnan(found[0]).all() and not np.isnan(found[1:]).any()


def test_shares_of_the_folds_are_the_whole(tmp_path: Path) -> None:
    about = {"sample_ids": DATA.sample_ids, "classes": ["a", "b", "c"]}
    for part in range(2):
        save_validation(
            tmp_path / str(part), *out_of_fold(4, DATA, 0, remembering, share=Share(part, 2)), about
        )
    shares = [str(tmp_path / str(part)) for part in range(2)]
    found, fold, skipped = read_validations({"one": shares}, DATA.sample_ids, about["classes"])
    whole, folds = out_of_fold(4, DATA, 0, remembering)
    assert np.array_equal(found["one"], whole[PLAIN]) and np.array_equal(found["one + pool"], whole[POOL])
    assert np.array_equal(fold, folds) and not skipped


def test_a_skipped_recipe_is_no_candidate_and_says_why(tmp_path: Path) -> None:
    about = {"sample_ids": DATA.sample_ids, "classes": ["a", "b", "c"]}
    nothing, fold = out_of_fold(4, DATA, 0, remembering, share=NOTHING)
    save_validation(tmp_path / "lora", nothing, fold, {**about, "skipped": "no use"})
    save_validation(tmp_path / "ft", *out_of_fold(4, DATA, 0, remembering), about)
    paths = {name: [str(tmp_path / name)] for name in ("lora", "ft")}
    found, _, skipped = read_validations(paths, DATA.sample_ids, about["classes"])
    assert sorted(found) == ["ft", "ft + pool"] and skipped == {"lora": "no use"}


def test_where_nothing_can_be_held_out_every_recipe_stays_a_candidate(tmp_path: Path) -> None:
    alone = LabelledImages(IMAGES[:3], IMAGES[:3], np.arange(3), ["a", "b", "c"], 3)
    logits, fold = out_of_fold(4, alone, 0, remembering)
    save_validation(tmp_path / "one", logits, fold, {"sample_ids": alone.sample_ids, "classes": ["x"] * 3})
    found, _, _ = read_validations({"one": [str(tmp_path / "one")]}, alone.sample_ids, ["x"] * 3)
    assert list(found) == ["one"] and np.isnan(found["one"]).all()


def test_a_stopped_validation_goes_on_behind_its_last_fold(tmp_path: Path) -> None:
    calls = []

    def stopping(train: LabelledImages, held_out: np.ndarray, seed: int) -> dict[str, np.ndarray]:
        calls.append(seed)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return remembering(train, held_out, seed)

    with pytest.raises(KeyboardInterrupt):
        out_of_fold(4, DATA, 0, stopping, KeptFolds(tmp_path / "kept", "key"))
    logits, _ = out_of_fold(4, DATA, 0, stopping, KeptFolds(tmp_path / "kept", "key"))
    assert len(calls) == 5
    for name, expected in out_of_fold(4, DATA, 0, remembering)[0].items():
        assert np.array_equal(logits[name], expected)


@pytest.mark.parametrize("damage", [False, True])
def test_kept_folds_of_others_are_not_used(tmp_path: Path, damage: bool) -> None:
    out_of_fold(4, DATA, 0, remembering, KeptFolds(tmp_path / "kept", "other"))
    if damage:
        (tmp_path / "kept").write_bytes(b"damaged")
    assert KeptFolds(tmp_path / "kept", "key").read() == (0, {})


def test_validations_must_be_of_the_same_images(tmp_path: Path) -> None:
    logits, fold = out_of_fold(4, DATA, 0, remembering)
    about = {"sample_ids": DATA.sample_ids, "classes": ["a", "b", "c"]}
    save_validation(tmp_path / "one", logits, fold, about)
    save_validation(tmp_path / "two", logits, np.roll(fold, 1), about)
    paths = {name: [str(tmp_path / name)] for name in ("one", "two")}
    found, folds, _ = read_validations({"one": paths["one"]}, DATA.sample_ids, about["classes"])
    assert sorted(found) == ["one", "one + pool"] and np.array_equal(folds, fold)
    assert np.array_equal(found["one + pool"], logits[POOL])
    with pytest.raises(ValueError, match="other folds"):
        read_validations(paths, DATA.sample_ids, about["classes"])
    with pytest.raises(ValueError, match="other labelled images"):
        read_validations(paths, DATA.sample_ids, ["a", "b"])
