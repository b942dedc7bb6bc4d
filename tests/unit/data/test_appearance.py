"""What is noted of an image: each note at an image of its kind, and none at an ordinary one."""

import numpy as np
import pytest
from fact.data.appearance import NOTES, appearance, check_notes, notes
from fact.infra.errors import ConfigError
from photographs import photograph
from PIL import Image, ImageFilter


def blurred(pixels: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (photograph(), []),
        (photograph(3000, 2000), []),
        (photograph(low=0, high=30), ["dark"]),
        (photograph(low=240), ["bright"]),
        (blurred(photograph(low=90, high=170), 12), ["blurred"]),
        (blurred(photograph(3000, 4000, 90, 170), 120), ["blurred"]),
        (blurred(photograph(100, 120, 90, 170), 8), []),
        (photograph(31, 60), ["tiny"]),
        (photograph(32, 33), []),
        (photograph(200, 601), ["odd shape"]),
        (photograph(601, 200), ["odd shape"]),
        (np.full((1, 1, 3), 120, np.uint8), ["tiny"]),
        (np.zeros((20, 100, 3), np.uint8), ["dark", "tiny", "odd shape"]),
    ],
)
def test_a_note_is_true(pixels: np.ndarray, expected: list[str]) -> None:
    seen = appearance(pixels)
    assert notes(seen, NOTES) == expected
    assert notes(seen, [name for name in NOTES if name not in expected[:1]]) == expected[1:]
    assert seen.copy.shape == (768,) and (seen.width, seen.height) == pixels.shape[1::-1]


def test_an_unknown_note_is_named() -> None:
    with pytest.raises(ConfigError, match=r"look_for: 'foggy' is not one of \['dark'"):
        check_notes(["dark", "foggy"])
