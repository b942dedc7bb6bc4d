"""A folder of images and masks as a source: its layout, and what is named in problems.csv."""

from pathlib import Path

import numpy as np
import pytest
from fact.data.masks import IGNORE
from fact.data.sources import mask_folder
from PIL import Image
from segmentation_data import scene, write_folder, write_pair

CLASSES = {"classes": ["a", "b", "c"]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "own")


def problems(root: Path, **options: object) -> dict[str, str]:
    index = mask_folder.index(root, **{**CLASSES, **options})
    return dict(zip(index.problems["path"], index.problems["reason"], strict=True))


def test_pairs_are_indexed_and_read(root: Path) -> None:
    index = mask_folder.index(root, **CLASSES)
    assert index.classes == ["a", "b", "c"] and index.problems.empty
    assert index.rows["split"].value_counts().to_dict() == {"pool": 4, "test": 2}
    assert index.rows["label"].isna().all()
    row = index.rows.set_index("sample_id").loc["images/train/0.png"]
    image, mask = scene(0)
    np.testing.assert_array_equal(mask_folder.read_image(root, row.locator, row.sha256), image)
    np.testing.assert_array_equal(mask_folder.read_mask(root, row.locator, **CLASSES), mask)


@pytest.mark.parametrize("folders", [["images"], ["annotations"], ["images", "annotations"]])
def test_a_split_in_a_folder_of_its_own_name_is_passed_through(root: Path, folders: list[str]) -> None:
    for folder in folders:
        (root / folder / "train").rename(root / folder / "inner")
        (root / folder / "train").mkdir()
        (root / folder / "inner").rename(root / folder / "train/train")
    index = mask_folder.index(root, **CLASSES)
    assert index.problems.empty and index.rows["split"].value_counts().to_dict() == {"pool": 4, "test": 2}
    locator = index.rows.loc[index.rows["split"] == "pool", "locator"].iloc[0]
    np.testing.assert_array_equal(mask_folder.read_mask(root, locator, **CLASSES), scene(0)[1])


def test_class_names_may_lie_beside_the_images(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"classes\.txt is not there"):
        mask_folder.index(root)
    (root / "classes.txt").write_text("x\ny\n\nz\n")
    assert mask_folder.index(root).classes == ["x", "y", "z"]


def test_every_bad_pair_is_named_with_its_reason_and_left_out(root: Path) -> None:
    image, mask = scene(9)
    write_pair(root, "train", "larger", image, np.pad(mask, ((0, 1), (0, 0))))
    write_pair(root, "train", "outside", image, np.where(mask == 2, 77, mask).astype(np.uint8))
    write_pair(root, "train", "coloured", image, np.stack([mask] * 3, -1))
    write_pair(root, "train", "alone", image, mask)
    (root / "annotations/train/alone.png").unlink()
    write_pair(root, "test", "no image", image, mask)
    (root / "images/test/no image.png").unlink()
    Image.fromarray(image).save(root / "images/train/cut.png")
    (root / "annotations/train/cut.png").write_bytes(b"no picture")
    (root / "images/val").mkdir()
    found = problems(root)
    assert found["images/train/larger.png"] == "the mask is 40 × 33, the image 40 × 32"
    assert found["images/train/outside.png"].startswith("the mask has 77 at 256 pixels; classes are 0..2")
    assert found["images/train/coloured.png"].startswith("the mask is RGB, of several channels")
    assert found["images/train/alone.png"] == "has no mask; expected annotations/train/alone.png"
    assert found["images/train/cut.png"].startswith("the mask is no image")
    assert found["annotations/test/no image.png"] == "mask without an image"
    assert found["images/val"] == "not read: outside train and test"
    assert len(found) == 7
    assert len(mask_folder.index(root, **CLASSES).rows) == 6


def test_a_pool_may_wait_for_its_masks(root: Path) -> None:
    for number in range(2):
        (root / f"annotations/train/{number}.png").unlink()
    assert len(mask_folder.index(root, **CLASSES).rows) == 4
    waiting = mask_folder.index(root, unlabelled=True, **CLASSES)
    assert len(waiting.rows) == 6 and waiting.problems.empty
    (root / "annotations/test/0.png").unlink()
    assert list(problems(root, unlabelled=True)) == ["images/test/0.png"]


def test_ignored_numbers_and_limits(root: Path) -> None:
    mask = mask_folder.read_mask(root, "images/train/0.png", classes=["a", "b"], ignore=[2, 9])
    assert set(np.unique(mask)) == {0, 1, IGNORE}
    rows = mask_folder.index(root, pool_limit=2, test_limit=1, **CLASSES).rows
    assert rows["split"].value_counts().to_dict() == {"pool": 2, "test": 1}
    with pytest.raises(ValueError, match="ignore: 1 is the number of one of the 3 classes"):
        mask_folder.index(root, ignore=1, **CLASSES)
    with pytest.raises(ValueError, match="classes: 2 names; give 2 to 255 different ones"):
        mask_folder.index(root, classes=["a", "a"])


def test_nothing_usable_and_folders_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no folder images/"):
        mask_folder.index(tmp_path, **CLASSES)
    (tmp_path / "images/test").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="holds no train/"):
        mask_folder.index(tmp_path, **CLASSES)
    write_pair(tmp_path, "train", "x", *scene(0))
    (tmp_path / "annotations/train/x.png").unlink()
    with pytest.raises(
        ValueError, match=r"no image of the pool in .* has a usable mask; images/train/x\.png"
    ):
        mask_folder.index(tmp_path, **CLASSES)


def binary(root: Path) -> Path:
    """Masks of 0 and 255."""
    for path in root.glob("annotations/*/*.png"):
        mask = np.asarray(Image.open(path))
        Image.fromarray(np.where(mask > 0, 255, 0).astype(np.uint8)).save(path)
    return root


def test_a_foreground_of_255_is_not_ignored_in_silence(root: Path) -> None:
    two = {"classes": ["background", "ship"]}
    with pytest.raises(ValueError, match=r"no pixel of 'ship'.*values: \[0, 255\]"):
        mask_folder.index(binary(root), **two)
    options = {**two, "values": [0, 255], "ignore": []}
    assert mask_folder.index(root, **options).problems.empty
    mask = mask_folder.read_mask(root, "images/train/0.png", **options)
    np.testing.assert_array_equal(mask, scene(0)[1] > 0)
    with pytest.raises(ValueError, match="one per class"):
        mask_folder.index(root, classes=["a", "b", "c"], values=[0, 255])


def test_a_class_without_a_pixel_is_listed(root: Path) -> None:
    found = problems(root, classes=["a", "b", "c", "d"])
    assert found == {"annotations/train": "1 of 4 classes have no pixel in any mask: 'd'"}


@pytest.mark.parametrize("turn", [3, 6])
def test_a_photograph_is_turned_as_its_mask_was_drawn(root: Path, turn: int) -> None:
    upright, mask = scene(11)
    times = {3: 2, 6: 1}[turn]  # how often the stored image is turned to the left
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(upright, times)))
    exif = Image.Exif()
    exif[0x0112] = turn
    write_pair(root, "train", "turned", upright, mask)
    stored.save(root / "images/train/turned.png", exif=exif)
    assert problems(root) == {}
    np.testing.assert_array_equal(mask_folder.read_image(root, "images/train/turned.png"), upright)
    found = mask_folder.read_image(root, "images/train/turned.png", exif=False)
    np.testing.assert_array_equal(found, np.rot90(upright, times))
