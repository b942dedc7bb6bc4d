"""New images are compared with the pool: like ones raise no word, others do, and few say little."""

import re
from pathlib import Path

import numpy as np
import pytest
from fact.model.likeness import KEPT, Profile, Seen, drawn_rows, read_profile, write_profile


def pool_like(count: int, seed: int, shift: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = 1 + random.normal(size=(count, 8)) @ np.diag([2, 1, 1, 0.5, 0.5, 0.2, 0.2, 0.1])
    return (rows + shift * np.eye(8)[7]).astype(np.float32)


def sure(count: int, mean: float, seed: int = 0) -> np.ndarray:
    top = np.clip(np.random.default_rng(seed).normal(mean, 0.1, count), 0.34, 1)
    return np.stack([top, 1 - top], axis=1).astype(np.float32)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    vectors = pool_like(3000, 0)
    write_profile(tmp_path / "pool_profile.safetensors", vectors[drawn_rows(3000)], sure(3000, 0.7).max(1))
    return read_profile(tmp_path)


def told(profile: Profile, vectors: np.ndarray, probabilities: np.ndarray) -> str:
    seen = Seen(profile)
    for start in range(0, len(vectors), 64):
        seen.add(probabilities[start : start + 64], vectors[start : start + 64])
    return " / ".join(seen.warnings())


def test_images_like_the_pool_raise_no_word(profile: Profile) -> None:
    assert len(profile.vectors) == KEPT and profile.confidence == pytest.approx(0.7, abs=0.01)
    found = [told(profile, pool_like(200, seed), sure(200, 0.7, seed)) for seed in range(1, 40)]
    assert not any(found)


def test_a_model_that_is_less_sure_says_so(profile: Profile) -> None:
    found = told(profile, pool_like(200, 1), sure(200, 0.54))
    assert re.search("less sure .* 5[3-9] % on average, 70 % there", found) and "unlike" not in found


def test_images_that_look_unlike_the_pool_are_named(profile: Profile) -> None:
    found = told(profile, pool_like(200, 1, shift=3.0), sure(200, 0.7))
    assert "look unlike what the model was made for" in found and "less sure" not in found


def test_few_images_are_no_evidence(profile: Profile) -> None:
    assert told(profile, pool_like(1, 1), sure(1, 0.55)) == ""
    assert told(profile, pool_like(3, 1), sure(3, 0.62, seed=3)) == ""
    assert Seen(profile).warnings() == []


@pytest.mark.parametrize("count", [0, 1])
def test_a_pool_without_images_left_is_compared_with_nothing(tmp_path: Path, count: int) -> None:
    write_profile(tmp_path / "pool_profile.safetensors", np.ones((count, 4), np.float32), np.ones(count))
    assert read_profile(tmp_path) is None


def test_a_model_of_before_has_no_profile(tmp_path: Path) -> None:
    assert read_profile(tmp_path) is None


def test_rows_are_drawn_once_and_for_all() -> None:
    assert drawn_rows(5).tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(drawn_rows(5000), drawn_rows(5000)) and len(set(drawn_rows(5000))) == KEPT
