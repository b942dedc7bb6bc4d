"""Copies but for their bytes are found, and only those; a plain comparison of all pairs is the oracle."""

import io

import numpy as np
from fact.data.appearance import appearance
from fact.data.near_copies import TOLERANCE, near_copies
from photographs import photograph
from PIL import Image


def looks(*images: np.ndarray) -> np.ndarray:
    return np.stack([appearance(image).copy for image in images])


def stored_again(pixels: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def scaled(pixels: np.ndarray, scale: float) -> np.ndarray:
    height, width = (round(side * scale) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def test_an_image_that_was_stored_again_or_scaled_is_a_copy() -> None:
    first, other = photograph(low=80, high=160), photograph(low=80, high=160)
    found = near_copies(looks(first, other, stored_again(first, 60), scaled(other, 0.5), scaled(first, 1.5)))
    assert found.tolist() == [0, 1, 0, 1, 0]


def test_a_small_thing_makes_an_image_another_one() -> None:
    empty = photograph()
    animal = empty.copy()
    animal[120:150, 200:230] = 255 - animal[120:150, 200:230]
    assert near_copies(looks(empty, animal)).tolist() == [0, 1]


def test_a_chain_of_small_changes_does_not_join_its_ends() -> None:
    steps = np.arange(5)[:, None] * 4 + np.full((5, 768), 100)
    # the third differs from the first by 8, and is compared with no copy
    assert near_copies(steps.astype(np.uint8)).tolist() == [0, 0, 2, 2, 4]


def test_it_finds_what_a_comparison_of_all_pairs_finds() -> None:
    random = np.random.default_rng(1)
    rows = random.integers(0, 256, (60, 768))
    rows = np.clip(rows[random.integers(0, 60, 700)] + random.integers(-5, 6, (700, 1)), 0, 255).astype(
        np.uint8
    )
    expected: list[int] = []
    for row in range(len(rows)):
        gaps = [
            np.abs(rows[row].astype(int) - rows[other]).max() if expected[other] == other else 999
            for other in range(row)
        ]
        same = [other for other, gap in enumerate(gaps) if gap <= TOLERANCE]
        expected.append(same[0] if same else row)
    assert near_copies(rows).tolist() == expected


def test_no_image_has_no_copy() -> None:
    assert len(near_copies(np.empty((0, 768), np.uint8))) == 0
