"""Mask files: which are read, how numbers become classes, which are refused and with what words."""

import io

import numpy as np
import pytest
from fact.data.masks import IGNORE, Coding, class_pixels, decode_mask
from PIL import Image

CODING = Coding(3, ignored=(11,))
NUMBERS = np.array([[0, 1, 2], [11, 2, 0]], np.uint8)
MEANT = np.array([[0, 1, 2], [IGNORE, 2, 0]], np.uint8)


def as_bytes(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def paletted() -> Image.Image:
    image = Image.fromarray(NUMBERS, "L").convert("P")
    image.putdata(NUMBERS.ravel().tolist())
    image.putpalette([value for number in range(256) for value in (number, 255 - number, 7)])
    return image


@pytest.mark.parametrize(
    "image",
    [Image.fromarray(NUMBERS), paletted(), Image.fromarray(NUMBERS.astype(np.uint16))],
    ids=["grey", "palette", "16 bit"],
)
def test_numbers_become_positions(image: Image.Image) -> None:
    mask = decode_mask(as_bytes(image), CODING)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, MEANT)


def test_ade20k_counts_from_one_and_ignores_zero() -> None:
    mask = decode_mask(as_bytes(Image.fromarray(np.array([[0, 1, 150]], np.uint8))), Coding(150, (0,), 1))
    np.testing.assert_array_equal(mask, [[IGNORE, 0, 149]])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_masks_of_several_channels_are_refused(mode: str) -> None:
    with pytest.raises(ValueError, match=f"the mask is {mode}, of several channels; save class numbers"):
        decode_mask(as_bytes(Image.fromarray(NUMBERS).convert(mode)), CODING)


def test_numbers_of_no_class_are_named_and_counted() -> None:
    wrong = np.array([[0, 7, 7], [200, 11, 2]], np.uint8)
    with pytest.raises(ValueError, match=r"has 7, 200 at 3 pixels; classes are 0\.\.2, ignored 11"):
        decode_mask(as_bytes(Image.fromarray(wrong)), CODING)
    with pytest.raises(ValueError, match=r"classes are 1\.\.2, ignored nothing"):
        decode_mask(as_bytes(Image.fromarray(np.zeros((2, 2), np.uint8))), Coding(2, (), 1))


def test_lossy_and_damaged_files_are_refused() -> None:
    with pytest.raises(ValueError, match="no image of a lossless format"):
        decode_mask(as_bytes(Image.fromarray(NUMBERS), "JPEG"), CODING)
    noise = np.random.default_rng(0).integers(0, 3, (64, 64)).astype(np.uint8)
    whole = as_bytes(Image.fromarray(noise))
    with pytest.raises(ValueError, match="the mask cannot be read"):
        decode_mask(whole[: len(whole) // 2], CODING)


def test_class_pixels_leave_out_ignored_ones() -> None:
    np.testing.assert_array_equal(class_pixels(MEANT, 4), [2, 1, 2, 0])
