"""The letters that the demo's backbone was pretrained on have the look of scikit-learn's digits."""

from collections.abc import Iterator

import numpy as np
import pytest
from fact.data.sources import digits
from PIL import Image
from pretrain_letters import declared, font_files, glyphs, small_letter


@pytest.fixture(scope="module")
def letters() -> list[np.ndarray]:
    """Every letter of the first font, once."""
    random = np.random.default_rng(0)
    return [small_letter(glyph, random) for glyph in first_font()]


def first_font() -> Iterator[Image.Image]:
    drawn = glyphs()
    return (next(drawn) for _ in range(52))


def test_every_font_comes_with_matplotlib() -> None:
    assert len(font_files()) == 12 and all(file.is_file() for file in font_files())


def test_a_letter_counts_pixels_of_blocks_as_a_digit_does(letters: list[np.ndarray]) -> None:
    counts = np.stack(letters) * (16 / 255)
    assert counts.shape == (52, 8, 8) and np.abs(counts - np.rint(counts)).max() < 0.04
    rows = digits.index().rows
    of_digits = np.stack([digits.read_image(None, locator)[..., 0] for locator in rows["locator"][:200]])
    # as high as the square, with strokes of the same strength
    assert np.stack(letters).any(axis=2)[:, [0, 7]].mean() > 0.5
    assert 0.6 < np.stack(letters).mean() / of_digits.mean() < 1.4


def test_all_letters_differ_and_a_seed_gives_the_same(letters: list[np.ndarray]) -> None:
    assert len({letter.tobytes() for letter in letters}) == 52
    again = small_letter(next(glyphs()), np.random.default_rng(0))
    np.testing.assert_array_equal(again, letters[0])


def test_it_has_the_recipe_of_the_digits_backbone_and_as_many_steps() -> None:
    backbone = declared()
    assert backbone.pretrain is not None and backbone.model_args["embed_dim"] == 128
    images = len(font_files()) * 52 * 4
    assert backbone.pretrain.settings["epochs"] * -(-images // 128) == 120 * 12
