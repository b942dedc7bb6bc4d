import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bad_images import KINDS, write_bad_images
from fact.data.manifest import read_files, write_manifest
from fact.data.path_text import to_text
from fact.data.sources import own_images
from fact.infra.errors import ConfigError
from photographs import photograph
from PIL import Image

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bad") / "images"
    write_bad_images(root)
    write_manifest(root.parent / "out", own_images.index(root, workers=2))
    return root


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_has_its_outcome(collection: Path, name: str) -> None:
    kind = KINDS[name]
    outcome, reason = read_files(collection.parent / "out/files.csv")[to_text(os.fsdecode(kind.name))]
    assert outcome == kind.outcome and reason.startswith(kind.reason)


def test_no_file_is_left_without_an_outcome(collection: Path) -> None:
    assert len(KINDS) >= 25
    reported = read_files(collection.parent / "out/files.csv")
    assert set(reported) == {to_text(os.fsdecode(kind.name)) for kind in KINDS.values()}


def test_used_ones_are_read_in_the_size_that_was_indexed(collection: Path) -> None:
    rows = own_images.index(collection).rows.set_index("sample_id")
    assert (rows["split"] == "pool").all() and rows["label"].isna().all()
    used = [kind for kind in KINDS.values() if kind.outcome == "used"]
    assert len(rows) == len(used)
    for kind in used:
        row = rows.loc[to_text(os.fsdecode(kind.name))]
        assert (row["width"], row["height"]) == kind.size
        pixels = own_images.read_image(collection, row["locator"], row["sha256"])
        assert pixels.shape == (*kind.size[::-1], 3)


def test_nothing_was_moved_or_deleted(collection: Path) -> None:
    assert all(os.path.lexists(collection / os.fsdecode(kind.name)) for kind in KINDS.values())


def test_names_of_folders_are_neither_labels_nor_splits(tmp_path: Path, write_image: Write) -> None:
    for number, name in enumerate(("train/cat/a.png", "test/b.png", "val/dog/c.png")):
        write_image(tmp_path / name, seed=number)
    rows, problems, classes = own_images.index(tmp_path)
    assert len(rows) == 3 and set(rows["split"]) == {"pool"} and classes == []
    assert set(problems["outcome"]) == {"used"}, "they are noted as tiny"


@pytest.fixture
def tested(tmp_path: Path, write_image: Write) -> Path:
    """Images with a test folder elsewhere, of which one image is in the pool too."""
    for number in range(3):
        write_image(tmp_path / f"images/{number}.png", seed=number)
    for number, name in enumerate(("cat/1.png", "dog/1.png")):
        write_image(tmp_path / "exam" / name, seed=10 + number)
    shutil.copy(tmp_path / "exam/cat/1.png", tmp_path / "images/leak.png")
    return tmp_path


def test_a_test_folder_elsewhere_brings_the_classes(tested: Path) -> None:
    (tested / "exam/dog/empty.jpg").touch()
    test = str(tested / "exam")
    rows, problems, classes = own_images.index(tested / "images", test=test)
    assert classes == ["cat", "dog"]
    assert rows["sample_id"].tolist() == ["0.png", "1.png", "2.png", "test//cat/1.png", "test//dog/1.png"]
    assert rows.query("split == 'test'")["label"].tolist() == [0, 1]
    assert problems.query("outcome != 'used'").values.tolist() == [
        ["leak.png", "duplicate", "duplicate of test//cat/1.png"],
        ["test//dog/empty.jpg", "unreadable", "file is empty (0 bytes)"],
    ]
    row = rows.iloc[4]
    pixels = own_images.read_image(tested / "images", row["locator"], row["sha256"], test=test)
    assert np.array_equal(pixels, np.asarray(Image.open(tested / "exam/dog/1.png")))


def test_a_test_folder_in_a_folder_of_its_own_name_is_passed_through(tested: Path) -> None:
    nested = tested / "nested"
    shutil.copytree(tested / "exam", nested / "test/test")
    (nested / "test/.DS_Store").touch()
    rows, _, classes = own_images.index(tested / "images", test=str(nested))
    assert classes == ["cat", "dog"]
    row = rows.iloc[-1]
    assert row["locator"] == "test//test/test/dog/1.png"
    read = own_images.read_image(tested / "images", row["locator"], row["sha256"], test=str(nested))
    assert np.array_equal(read, np.asarray(Image.open(tested / "exam/dog/1.png")))


def test_a_test_folder_among_the_images_is_no_pool(tested: Path) -> None:
    (tested / "exam").rename(tested / "images/exam")
    rows, problems, _ = own_images.index(tested / "images", test=str(tested / "images/exam"))
    assert rows["split"].tolist() == ["pool"] * 3 + ["test"] * 2
    assert ["exam", "ignored", "the test folder"] in problems.values.tolist()


def test_a_test_folder_that_cannot_be_used_is_named(tested: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the test folder .*none is not there"):
        own_images.index(tested / "images", test=str(tested / "none"))
    with pytest.raises(ValueError, match="has no class folders"):
        own_images.index(tested / "images", test=str(tested / "exam/cat"))


def test_nothing_left_is_an_error_with_reasons(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(ValueError, match=r"no usable image.*1 problems; a\.jpg: file is empty"):
        own_images.index(tmp_path)


def stored_again(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    Image.open(path).convert("RGB").save(copy, quality=70)


def test_near_copies_count_once_and_never_beside_a_test_image(tmp_path: Path) -> None:
    pool, test = tmp_path / "pool", tmp_path / "test"
    pool.mkdir()
    (test / "cat").mkdir(parents=True)
    for name in ("pool/b.png", "pool/c.png", "test/cat/t.png"):
        Image.fromarray(photograph(low=80, high=160)).save(tmp_path / name)
    Image.open(pool / "b.png").resize((200, 150)).save(pool / "a smaller one.png")
    stored_again(pool / "b.png", pool / "z stored again.jpg")
    stored_again(test / "cat/t.png", pool / "leak.jpg")
    found = own_images.index(pool, test=str(test))
    assert found.rows["sample_id"].tolist() == ["b.png", "c.png", "test//cat/t.png"]
    assert found.problems.values.tolist() == [
        ["a smaller one.png", "duplicate", "near copy of b.png"],
        ["leak.jpg", "duplicate", "near copy of test//cat/t.png"],
        ["z stored again.jpg", "duplicate", "near copy of b.png"],
    ]
    write_manifest(tmp_path, found)
    assert own_images.copies_of(read_files(tmp_path / "files.csv")) == {
        "a smaller one.png": "b.png",
        "z stored again.jpg": "b.png",
    }
    kept = own_images.index(pool, test=str(test), near_copies=False)
    assert len(kept.rows) == 6 and kept.problems.empty


def test_what_is_odd_about_a_used_image_is_in_files_csv_and_no_problem(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name, pixels in {"a": photograph(), "b": photograph(low=0, high=20), "c": photograph(20, 90)}.items():
        Image.fromarray(pixels).save(tmp_path / f"images/{name}.png")
    write_manifest(tmp_path / "index", own_images.index(tmp_path / "images"))
    files = read_files(tmp_path / "index/files.csv")
    assert files["b.png"] == ("used", "dark") and files["c.png"] == ("used", "tiny, odd shape")
    assert files["a.png"] == ("used", "") and not read_files(tmp_path / "index/problems.csv")
    less = own_images.index(tmp_path / "images", look_for=["dark"])
    assert less.problems["reason"].tolist() == ["dark"]
    with pytest.raises(ConfigError, match="look_for"):
        own_images.index(tmp_path / "images", look_for=["foggy"])
