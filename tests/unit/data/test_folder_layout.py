from pathlib import Path

import pytest
from fact.data.folder_layout import Candidate, read_layout
from fact.data.walk import HIDDEN, LOOP


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def test_class_folders_of_both_splits(tmp_path: Path) -> None:
    touch(tmp_path, "train/dog/1.png", "train/cat/2.png", "train/cat/deep/3.png", "test/cat/4.png")
    assert read_layout(tmp_path) == (
        [
            Candidate("test/cat/4.png", "test", "cat"),
            Candidate("train/cat/2.png", "pool", "cat"),
            Candidate("train/cat/deep/3.png", "pool", "cat"),
            Candidate("train/dog/1.png", "pool", "dog"),
        ],
        ["cat", "dog"],
        [],
    )


@pytest.mark.parametrize(
    ("pool", "test"), [("train", "test"), ("pool", "val"), ("Train", "Valid"), ("POOL", "validation")]
)
def test_aliases(tmp_path: Path, pool: str, test: str) -> None:
    layout = read_layout(touch(tmp_path, f"{pool}/cat/1.png", f"{test}/cat/2.png"))
    assert {candidate.path: candidate.split for candidate in layout.candidates} == {
        f"{pool}/cat/1.png": "pool",
        f"{test}/cat/2.png": "test",
    }


def test_precedence_of_aliases_and_what_lies_outside(tmp_path: Path) -> None:
    touch(
        tmp_path, "train/cat/1.png", "pool/cat/2.png", "test/cat/3.png", "val/cat/4.png", "README.md", "5.png"
    )
    layout = read_layout(tmp_path)
    assert [candidate.path for candidate in layout.candidates] == ["test/cat/3.png", "train/cat/1.png"]
    outside = "not read: outside train/ and test/"
    assert layout.problems == [
        ("5.png", outside),
        ("README.md", "not an image extension"),
        ("pool", outside),
        ("val", outside),
    ]


def test_without_split_folders_all_is_an_unlabelled_pool(tmp_path: Path) -> None:
    layout = read_layout(touch(tmp_path, "1.png", "holiday/2.png"))
    assert layout == ([Candidate("1.png", "pool", None), Candidate("holiday/2.png", "pool", None)], [], [])


def test_unlabelled_pool_beside_a_labelled_test_set(tmp_path: Path) -> None:
    layout = read_layout(touch(tmp_path, "pool/1.png", "test/cat/2.png"))
    assert layout == (
        [Candidate("pool/1.png", "pool", None), Candidate("test/cat/2.png", "test", "cat")],
        ["cat"],
        [],
    )


def test_oddities_of_classes_are_listed(tmp_path: Path) -> None:
    touch(tmp_path, "train/cat/1.png", "train/loose.png", "test/cat/2.png", "test/zebra/3.png")
    (tmp_path / "train/empty").mkdir()
    (tmp_path / "train/loop").symlink_to(tmp_path)
    layout = read_layout(tmp_path)
    assert layout.classes == ["cat", "empty", "zebra"]
    assert layout.problems == [
        ("test/zebra", "class is not in train/"),
        ("train/empty", "class folder is empty"),
        ("train/loop", LOOP),
        ("train/loose.png", "not inside a class folder"),
    ]


def test_hidden_names_are_not_read_and_are_listed(tmp_path: Path) -> None:
    files = (".DS_Store", "train/._a.png", "train/cat/.b.png")
    layout = read_layout(touch(tmp_path, "train/cat/1.png", "train/.thumbs/1.png", ".trash/2.png", *files))
    assert layout.candidates == [Candidate("train/cat/1.png", "pool", "cat")] and layout.classes == ["cat"]
    assert layout.problems == sorted((name, HIDDEN) for name in (*files, ".trash", "train/.thumbs"))


@pytest.mark.parametrize("paths", [("train/1.png",), ("train/notes.txt",), ("train/cat/1.png", "test/2.png")])
def test_split_without_class_folders_is_refused(tmp_path: Path, paths: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"(train|test) has no class folders; put its images into"):
        read_layout(touch(tmp_path, *paths))


def test_test_folder_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has test/ but no train/ or pool/"):
        read_layout(touch(tmp_path, "test/cat/1.png"))


def test_a_split_within_a_split_of_its_name_is_passed_through(tmp_path: Path) -> None:
    layout = read_layout(
        touch(tmp_path, "train/train/cat/1.png", "train/train/dog/2.png", "test/Test/cat/3.png")
    )
    assert layout.classes == ["cat", "dog"] and layout.problems == []
    assert [candidate.split for candidate in layout.candidates] == ["test", "pool", "pool"]


def test_a_class_that_is_named_like_a_split_stays_one_beside_others(tmp_path: Path) -> None:
    assert read_layout(touch(tmp_path, "train/train/1.png", "train/car/2.png")).classes == ["car", "train"]
