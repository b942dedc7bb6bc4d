"""Large JPEGs made small while they are decoded, and what is left to the general reader."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from fact.data.decode import decode_image
from fact.data.quick_jpeg import quick_jpeg
from fact.infra.errors import DataError
from PIL import Image

ORIENTATION = 0x0112


def photograph(path: Path, mode: str = "RGB", turned: int = 1) -> str:
    """A smooth picture of 1600 × 1200; its checksum."""
    small = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    image = Image.fromarray(small).resize((1600, 1200), Image.Resampling.BICUBIC).convert(mode)
    image.save(path, "JPEG", quality=95, exif=exif)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("exif", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_it_is_the_image_that_the_general_reader_gives_but_smaller(
    tmp_path: Path, mode: str, exif: bool
) -> None:
    path = tmp_path / "a.jpg"
    found = quick_jpeg(path, photograph(path, mode, turned=6), 300, exif=exif)
    assert found.mode == "RGB" and found.size == ((300, 400) if exif else (400, 300))
    whole = Image.fromarray(decode_image(path, exif=exif)).resize(found.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(found, float) - np.asarray(whole, float)).mean() < 2


def test_another_image_than_was_indexed_is_refused(tmp_path: Path) -> None:
    photograph(tmp_path / "a.jpg")
    with pytest.raises(DataError, match="changed"):
        quick_jpeg(tmp_path / "a.jpg", "0" * 64, 300, exif=True)


def test_other_files_are_left_to_the_general_reader(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    cmyk = photograph(tmp_path / "cmyk.jpg", "CMYK")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert quick_jpeg(tmp_path / "cmyk.jpg", cmyk, 300, exif=True) is None
    for name in ("a.png", "pipe.jpg", "away.jpg"):
        assert quick_jpeg(tmp_path / name, "0" * 64, 300, exif=True) is None
