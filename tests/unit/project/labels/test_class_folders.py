import os
from pathlib import Path

import pytest
from fact.data.path_text import to_text
from fact.project.labels.class_folders import UNLABELLED, class_name, folder_name, write_class_folders
from fact.project.labels.handed_files import MAPPING, safe_name
from fact.project.labels.read_votes import read_votes
from hub_copies import hub_table, png, write_parquet
from hypothesis import given
from odd_names import CLASS_NAMES, IDS, PATHS, SAMPLE_IDS
from tar_copies import write_tar


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with a file of every odd name, its content the name."""
    root = tmp_path / "images"
    for name in PATHS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(os.fsencode(name))
    return root


def handed_out(
    out: Path, images: Path, classes: tuple[str, ...] = ("cat", "dog"), copy: bool = False
) -> Path:
    write_class_folders(out, dict(zip(IDS, IDS, strict=True)), images, classes, copy=copy)
    return out


@pytest.mark.parametrize("copy", [False, True])
def test_sorted_images_come_back(tmp_path, images, copy):
    out = handed_out(tmp_path / "out", images, copy=copy)
    files = sorted((out / UNLABELLED).iterdir())
    assert [file.read_bytes() for file in files] == [os.fsencode(name) for name in PATHS]
    for number, file in enumerate(files[:-1]):
        file.rename(out / ("cat", "dog")[number % 2] / file.name)
    choices = {vote.sample_id: vote.choices for vote in read_votes(out)}
    assert set(choices) == set(IDS)
    assert [choices[name] for name in IDS[:-1]] == [(("cat",), ("dog",))[n % 2] for n in range(len(IDS) - 1)]
    assert choices[IDS[-1]] == ()


def test_links_and_copies(tmp_path, images):
    assert all(file.is_symlink() for file in (handed_out(tmp_path / "a", images) / UNLABELLED).iterdir())
    copies = list((handed_out(tmp_path / "b", images, copy=True) / UNLABELLED).iterdir())
    assert len(copies) == len(IDS) and not any(file.is_symlink() for file in copies)


def test_subfolders_loose_files_and_strangers(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    first, second, *_ = sorted((out / UNLABELLED).iterdir())
    (out / "cat" / "sure").mkdir()
    first.rename(out / "cat" / "sure" / first.name)
    second.rename(out / second.name)
    (out / "dog" / ".DS_Store").write_bytes(b"")
    votes = {vote.origin.removeprefix("out/"): vote for vote in read_votes(out)}
    assert votes[f"cat/sure/{first.name}"].choices == ("cat",)
    assert votes[second.name].choices == ()
    assert "dog/.DS_Store" not in votes


def test_an_image_in_two_folders_is_two_votes(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    first = min((out / UNLABELLED).iterdir())
    (out / "cat" / first.name).write_bytes(b"")
    first.rename(out / "dog" / first.name)
    assert [vote.choices for vote in read_votes(out) if vote.sample_id == IDS[0]] == [("cat",), ("dog",)]


@given(CLASS_NAMES)
def test_any_class_comes_back_from_its_folder(name):
    folder = folder_name(name)
    assert class_name(folder) == name and folder != UNLABELLED
    assert not set(folder) & set('/\\:*?"<>|') and not folder.startswith(".")


@pytest.mark.parametrize("folder", ["100%", "50%25 off", "caf%E9", "%zz", "a b", "%63at"])
def test_a_folder_that_a_person_named_stands_for_itself_or_for_its_encoding(folder):
    assert class_name(folder) in (folder, "50% off")


def test_a_class_called_unlabelled_has_a_folder_of_its_own():
    assert folder_name("unlabelled") == "%75nlabelled" and class_name("%75nlabelled") == "unlabelled"


@given(SAMPLE_IDS)
def test_names_of_files_are_safe_and_unique(ids):
    names = [safe_name(rank, name, name) for rank, name in enumerate(ids, start=1)]
    assert len({name.lower() for name in names}) == len(ids)
    assert all(name.isascii() and len(name) <= 70 and not set(name) & set('/\\:*?"<>|\n ') for name in names)


def test_a_folder_with_files_is_left_alone(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    before = sorted(out.rglob("*"))
    with pytest.raises(ValueError, match="already holds files"):
        handed_out(out, images)
    assert sorted(out.rglob("*")) == before


def test_a_missing_image_is_named_before_anything_is_written(tmp_path, images):
    (images / PATHS[-1]).unlink()
    with pytest.raises(FileNotFoundError, match="--images"):
        handed_out(tmp_path / "out", images)
    assert not (tmp_path / "out").exists()


def test_a_path_cannot_leave_the_image_folder(tmp_path, images):
    (tmp_path / "secret").write_text("")
    with pytest.raises(ValueError, match="leaves the image folder"):
        write_class_folders(tmp_path / "out", {"a": "../secret"}, images)


def test_a_lost_or_foreign_mapping_is_refused(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    (out / MAPPING).write_text("a,b\n")
    with pytest.raises(ValueError, match="not the mapping"):
        read_votes(out)
    (out / MAPPING).unlink()
    with pytest.raises(FileNotFoundError, match="put it back"):
        read_votes(out)


def test_a_class_that_is_no_folder_is_refused(tmp_path, images):
    with pytest.raises(ValueError, match="too long"):
        handed_out(tmp_path / "out", images, classes=("x" * 300,))
    assert not (tmp_path / "out").exists()


def test_a_folder_of_undecodable_bytes_is_a_class_by_its_stored_name(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    first = min((out / UNLABELLED).iterdir())
    folder = out / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    first.rename(folder / first.name)
    (vote,) = [vote for vote in read_votes(out) if vote.choices]
    assert vote.choices == (to_text(os.fsdecode(b"caf\xe9")),)


def test_folders_of_folders_are_refused_as_the_class_is_unclear(tmp_path, images):
    out = handed_out(tmp_path / "out", images)
    first, second, *_ = sorted((out / UNLABELLED).iterdir())
    for name, file in (("cat", first), ("dog", second)):
        (out / "animal" / name).mkdir(parents=True)
        file.rename(out / "animal" / name / file.name)
    with pytest.raises(ValueError, match="it is unclear which is the class"):
        read_votes(out)


def test_images_in_shards_and_archives_are_copied_out(tmp_path: Path) -> None:
    write_parquet(tmp_path / "images/train.parquet", hub_table([png(1), None, png(2)], [0, 0, 0]))
    write_tar(tmp_path / "images/train.tar", {"./a/same.png": png(3)})
    ids = ["train.parquet/image/00000002", "train.parquet/image/00000000", "train.tar/./a/same.png"]
    write_class_folders(tmp_path / "out", {name: name for name in ids}, tmp_path / "images", ["cat"])
    files = sorted((tmp_path / "out/unlabelled").iterdir())
    assert [file.read_bytes() for file in files] == [png(2), png(1), png(3)]
    assert [file.suffix for file in files] == [".png"] * 3 and not any(file.is_symlink() for file in files)
    files[1].rename(tmp_path / "out/cat" / files[1].name)
    assert {vote.sample_id: vote.choices for vote in read_votes(tmp_path / "out")}[ids[1]] == ("cat",)
    with pytest.raises(ValueError, match="the row holds no image"):
        write_class_folders(tmp_path / "x", {"a": "train.parquet/image/00000001"}, tmp_path / "images")
