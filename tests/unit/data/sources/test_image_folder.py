import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.data.manifest import MANIFEST_COLUMNS, SourceIndex, write_manifest
from fact.data.sources import image_folder
from PIL import Image


def reasons(index: SourceIndex) -> dict[str, str]:
    return dict(zip(index.problems["path"], index.problems["reason"], strict=True))


def test_rows_of_a_labelled_folder(labelled_root: Path) -> None:
    rows, problems, classes = image_folder.index(labelled_root)
    assert classes == ["cat", "dog"] and problems.empty
    assert tuple(rows.columns) == MANIFEST_COLUMNS
    assert rows["sample_id"].is_monotonic_increasing and rows["sample_id"].is_unique
    assert rows.groupby(["split", "label"]).size().to_dict() == {
        ("pool", 0): 6, ("pool", 1): 6, ("test", 0): 2, ("test", 1): 2,
    }  # fmt: skip
    first = rows.iloc[0]
    digest = hashlib.sha256((labelled_root / "test/cat/0.png").read_bytes()).hexdigest()
    assert first.to_list() == ["test/cat/0.png", "test", "test/cat/0.png", 0, 12, 8, digest, "ok"]


def test_unlabelled_folder_has_no_labels(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    write_image(tmp_path / "a.png")
    write_image(tmp_path / "trip/b.bmp")
    rows, _, classes = image_folder.index(tmp_path)
    assert classes == [] and set(rows["split"]) == {"pool"}
    assert rows["label"].isna().all() and str(rows["label"].dtype) == "Int64"


def test_bad_files_are_listed_and_passed_over(labelled_root: Path, write_image: Callable[..., Path]) -> None:
    cat = labelled_root / "train/cat"
    (cat / "empty.jpg").touch()
    (cat / "text.jpg").write_text("not a picture")
    whole = write_image(cat / "whole.jpg", size=(64, 64)).read_bytes()
    (cat / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (cat / "gone.jpg").symlink_to(cat / "nowhere.jpg")
    os.mkfifo(cat / "pipe.jpg")
    write_image(cat / "large.png", size=(100, 90))
    index = image_folder.index(labelled_root, max_pixels=8000, workers=2)
    assert len(index.rows) == 17
    found = reasons(index)
    assert found.pop("train/cat/cut.jpg").startswith("image file is truncated")
    assert found.pop("train/cat/text.jpg").startswith("not an image in a supported format")
    assert found == {
        "train/cat/empty.jpg": "file is empty (0 bytes)",
        "train/cat/gone.jpg": "file cannot be read: No such file or directory",
        "train/cat/large.png": "100 × 90 = 9000 pixels exceed max_pixels = 8000",
        "train/cat/pipe.jpg": "not a regular file",
    }
    assert (cat / "cut.jpg").exists()


def test_header_only_verification_trusts_the_pixels(
    labelled_root: Path, write_image: Callable[..., Path]
) -> None:
    path = write_image(labelled_root / "train/cat/cut.jpg", size=(64, 64))
    path.write_bytes(path.read_bytes()[:-800])
    (labelled_root / "train/cat/text.jpg").write_text("not a picture")
    index = image_folder.index(labelled_root, verify="header")
    assert "train/cat/cut.jpg" in set(index.rows["sample_id"])
    assert list(reasons(index)) == ["train/cat/text.jpg"]
    with pytest.raises(ValueError, match=r"train/cat/cut\.jpg in .*truncated"):
        image_folder.read_image(labelled_root, "train/cat/cut.jpg")


def test_limits_draw_a_seeded_stratified_subset(labelled_root: Path) -> None:
    def ids(**options: int) -> list[str]:
        return image_folder.index(labelled_root, **options).rows["sample_id"].to_list()

    rows = image_folder.index(labelled_root, pool_limit=4, test_limit=2).rows
    assert rows.groupby(["split", "label"]).size().to_list() == [2, 2, 1, 1]
    assert ids(pool_limit=4) == ids(pool_limit=4, subset_seed=0) != ids(pool_limit=4, subset_seed=1)


def test_subset_is_drawn_before_files_are_opened(labelled_root: Path) -> None:
    kept = set(image_folder.index(labelled_root, pool_limit=4).rows["sample_id"])
    left = next(
        path for path in (labelled_root / "train/cat").iterdir() if f"train/cat/{path.name}" not in kept
    )
    left.write_text("never opened")
    index = image_folder.index(labelled_root, pool_limit=4)
    assert set(index.rows["sample_id"]) == kept and index.problems.empty


def test_result_does_not_depend_on_workers(labelled_root: Path) -> None:
    one, four = (image_folder.index(labelled_root, workers=workers) for workers in (1, 4))
    pd.testing.assert_frame_equal(one.rows, four.rows)


def test_size_is_that_after_orientation(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (12, 8)).save(tmp_path / "turned.jpg", exif=exif)
    for options, size in (({}, (8, 12)), ({"verify": "header"}, (8, 12)), ({"exif": False}, (12, 8))):
        row = image_folder.index(tmp_path, **options).rows.iloc[0]
        assert (row["width"], row["height"]) == size
    assert image_folder.read_image(tmp_path, "turned.jpg").shape == (12, 8, 3)
    assert image_folder.read_image(tmp_path, "turned.jpg", exif=False).shape == (8, 12, 3)


NAMES = [
    "a b.png",
    'it\'s "q".png',
    "new\nline.png",
    "🐈.png",
    "=1+1.png",
    "bytes:x.png",
    os.fsdecode(b"caf\xe9.png"),
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_can_be_read_by_their_locator(
    tmp_path: Path, write_image: Callable[..., Path], name: str
) -> None:
    path = write_image(tmp_path / "root" / name)
    index = image_folder.index(tmp_path / "root")
    write_manifest(tmp_path / "out", index)
    pixels = image_folder.read_image(tmp_path / "root", index.rows["locator"].iloc[0])
    assert np.array_equal(pixels, np.asarray(Image.open(path)))


def test_undecodable_class_and_problem_names(tmp_path: Path, write_image: Callable[..., Path]) -> None:
    folder = os.fsdecode(b"caf\xe9")
    write_image(tmp_path / "root/train" / folder / "1.png")
    (tmp_path / "root/train" / folder / "2.png").touch()
    index = image_folder.index(tmp_path / "root")
    assert index.classes == ["bytes:caf%E9"]
    assert list(reasons(index)) == ["bytes:train/caf%E9/2.png"]
    assert index.rows["sample_id"].to_list() == ["bytes:train/caf%E9/1.png"]


def test_nothing_left_is_an_error_with_reasons(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.jpg").touch()
    with pytest.raises(
        ValueError, match=r"no usable image.*5 problems; 0\.jpg: file is empty.*; 2\.jpg: [^;]*$"
    ):
        image_folder.index(tmp_path)


def test_folder_without_images_says_what_counts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"files ending in \.bmp, \.gif.*; 0 problems$"):
        image_folder.index(tmp_path)


@pytest.mark.parametrize(
    ("root", "found"), [(None, "no image folder is given"), (Path("/no/such/folder"), "folder is not there")]
)
def test_missing_root_names_the_key(root: Path | None, found: str) -> None:
    with pytest.raises(FileNotFoundError, match=rf"{found}; set datasets\.<name>\.root"):
        image_folder.index(root)


def test_unknown_verification_is_refused(labelled_root: Path) -> None:
    with pytest.raises(ValueError, match="verify: 'none'"):
        image_folder.index(labelled_root, verify="none")


def test_a_long_tail_is_cut_from_classes_of_one_size(labelled_root: Path) -> None:
    rows = image_folder.index(labelled_root, imbalance=3).rows
    assert rows.groupby(["split", "label"]).size().to_list() == [6, 2, 2]
    whole_test = image_folder.index(labelled_root, imbalance=3, test_balance="balanced").rows
    assert (whole_test["split"] == "test").sum() == 4
    with pytest.raises(ValueError, match="imbalance: 3 cannot be combined with pool_limit"):
        image_folder.index(labelled_root, imbalance=3, pool_limit=4)
