import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fact.infra.errors import DataError
from fact.project.labelling import pictures
from fact.project.labelling.pictures import WHOLE, Shown, encode
from fact.project.labelling.task import AskedImage, LabelTask
from label_tasks import make_task
from PIL import Image


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_a_small_image_comes_without_loss() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    content, kind = encode(pixels, 1600)
    assert kind == "image/png" and (opened(content) == pixels).all()


def test_a_large_image_is_no_larger_than_a_screen_needs() -> None:
    content, kind = encode(np.zeros((300, 600, 3), np.uint8), 200)
    assert kind == "image/jpeg" and opened(content).shape == (100, 200, 3)


def test_colours_of_a_mask_are_not_mixed() -> None:
    mask = np.zeros((300, 300, 3), np.uint8)
    mask[::2, ::2] = 255
    content, kind = encode(mask, 100, exact=True)
    assert kind == "image/png" and set(np.unique(opened(content))) <= {0, 255}


def test_the_last_images_are_kept_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(tmp_path / "images", ["a.png", "b.png"])
    shown = Shown(task)
    first = shown.encoded(0, 240)
    assert shown.encoded(0, 240) is first
    monkeypatch.setattr(pictures, "HELD_BYTES", len(first[0]))
    shown.encoded(1, 240)
    assert shown.encoded(0, 240) is not first


def test_what_the_model_sees_of_it(tmp_path: Path) -> None:
    shown = Shown(make_task(tmp_path / "images", ["a.png"]))
    left, top, width, height = shown.part(0)
    assert (round(width, 2), height, top) == (0.67, 1.0, 0.0) and left == pytest.approx((1 - width) / 2)


def test_an_image_that_vanished_is_an_error_of_the_users(tmp_path: Path) -> None:
    shown = Shown(make_task(tmp_path / "images", ["a.png"]))
    (tmp_path / "images/a.png").unlink()
    with pytest.raises(DataError, match=r"a\.png"):
        shown.encoded(0, 240)


def photographed(folder: Path, size: tuple[int, int], orientation: int) -> bytes:
    folder.mkdir()
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(folder / "a.jpg", exif=exif)
    return (folder / "a.jpg").read_bytes()


def jpeg_task(folder: Path, **changes: object) -> LabelTask:
    task = make_task(folder.parent / "others", [], file=lambda image: folder / image.path, **changes)
    return replace(task, images=[AskedImage("a.jpg", "a.jpg", "", "")])


def test_a_jpeg_is_sent_as_it_is(tmp_path: Path) -> None:
    data = photographed(tmp_path / "images", (300, 200), 6)
    assert Shown(jpeg_task(tmp_path / "images")).encoded(0, WHOLE) == (data, "image/jpeg")


def test_one_that_a_browser_would_turn_against_the_settings_is_not(tmp_path: Path) -> None:
    data = photographed(tmp_path / "images", (300, 200), 6)
    content, _ = Shown(jpeg_task(tmp_path / "images", exif=False)).encoded(0, WHOLE)
    assert content != data and opened(content).shape == (200, 300, 3)


def test_a_large_one_is_made_small_and_turned(tmp_path: Path) -> None:
    photographed(tmp_path / "images", (2000, 1000), 6)
    content, kind = Shown(jpeg_task(tmp_path / "images")).encoded(0, 240)
    assert kind == "image/jpeg" and opened(content).shape == (240, 120, 3)


def test_one_that_was_replaced_is_not_sent(tmp_path: Path) -> None:
    photographed(tmp_path / "images", (300, 200), 1)
    task = replace(jpeg_task(tmp_path / "images"), images=[AskedImage("a.jpg", "a.jpg", "0" * 64, "")])
    with pytest.raises(DataError, match="changed"):
        Shown(task).encoded(0, WHOLE)
