"""WebDatasets, however they were packed."""

import json
from pathlib import Path

import pandas as pd
import pytest
from fact.data.contract import build_index
from fact.data.manifest import SourceIndex
from fact.data.sources import webdataset
from hub_copies import png
from tar_copies import tar_bytes, write_tar

POOL_ONLY = {"splits": {"test": None}}


def labels(index: SourceIndex) -> dict[str, int]:
    return dict(zip(index.rows["sample_id"], index.rows["label"], strict=True))


def reasons(index: SourceIndex) -> dict[str, str]:
    return dict(zip(index.problems["path"], index.problems["reason"], strict=True))


def samples(numbers: range, form: str = "cls", prefix: str = "") -> dict[str, bytes]:
    """Images whose label is their number modulo three."""
    members = {}
    for number in numbers:
        label = str(number % 3)
        members[f"{prefix}{number:06d}.png"] = png(number)
        content = label if form == "cls" else json.dumps({"label": int(label), "caption": "a.b"})
        members[f"{prefix}{number:06d}.{form}"] = content.encode()
    return members


@pytest.mark.parametrize("form", ["cls", "json"])
@pytest.mark.parametrize("prefix", ["", "./", "train/", "a/b.c/"])
def test_images_and_labels_of_several_shards(tmp_path: Path, form: str, prefix: str) -> None:
    write_tar(tmp_path / "mine-train-000000.tar", samples(range(4), form, prefix))
    write_tar(tmp_path / "mine-train-000001.tar", samples(range(3), form, prefix))
    write_tar(tmp_path / "mine-test-000000.tar", samples(range(10, 13), form, prefix))
    index = webdataset.index(tmp_path, workers=2)
    assert index.classes == ["0", "1", "2"] and index.problems.empty
    assert index.rows.groupby(["split", "label"]).size().to_list() == [3, 2, 2, 1, 1, 1]
    name = f"mine-train-000001.tar/{prefix}000002.png"
    assert labels(index)[name] == 2
    row = index.rows.set_index("sample_id").loc[name]
    assert webdataset.read_image(tmp_path, name, row["sha256"]).shape == (8, 12, 3)


def test_shards_in_folders_of_their_splits_and_names_of_classes(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_tar(tmp_path / split / "0.tar", samples(range(3)))
    (tmp_path / "classnames.txt").write_text("zebra\ncat\ndog\nnever seen\n")
    index = webdataset.index(tmp_path)
    assert index.classes == ["zebra", "cat", "dog", "never seen"]
    assert labels(index)["train/0.tar/000002.png"] == 2
    (tmp_path / "classnames.txt").write_text("zebra\n")
    with pytest.raises(ValueError, match=r"label 1 is no position in 1 classes"):
        webdataset.index(tmp_path)


def test_an_archive_in_a_folder_in_an_archive(tmp_path: Path) -> None:
    inner = tar_bytes(samples(range(3), prefix="deep/"))
    write_tar(tmp_path / "packed/train.tar", {"./shards/train-0000.tar": inner})
    index = webdataset.index(tmp_path, **POOL_ONLY)
    place = "packed/train.tar/./shards/train-0000.tar/deep"
    assert labels(index) == {f"{place}/{number:06d}.png": number for number in range(3)}
    row = index.rows.iloc[0]
    assert webdataset.read_image(tmp_path, row["locator"], row["sha256"]).shape == (8, 12, 3)


def test_texts_are_classes_and_missing_labels_are_none(tmp_path: Path) -> None:
    members = {"a.png": png(1), "a.cls": b"dog\n", "b.jpg": png(2), "b.cls": b"cat", "c.png": png(3)}
    write_tar(tmp_path / "train.tar", members | {"d.png": png(4), "d.cls": b"-1"})
    index = webdataset.index(tmp_path, **POOL_ONLY)
    assert index.classes == ["cat", "dog"]
    assert [None if pd.isna(label) else label for label in index.rows["label"]] == [1, 0, None, None]


def test_other_keys_of_a_sample(tmp_path: Path) -> None:
    about = json.dumps({"label": 0, "species": "owl"}).encode()
    members = {"a.left.png": png(1), "a.right.png": png(2), "a.json": about, "a.cls": b"7"}
    write_tar(tmp_path / "train.tar", members)
    with pytest.raises(
        ValueError, match=r"a has images in left\.png, right\.png; name one in options\.image_key"
    ):
        webdataset.index(tmp_path, **POOL_ONLY)
    index = webdataset.index(tmp_path, image_key="right.png", label_key="species", **POOL_ONLY)
    assert index.classes == ["owl"] and labels(index) == {"train.tar/a.right.png": 0}


def test_bad_members_are_listed_and_passed_over(tmp_path: Path) -> None:
    members = {
        **{"a.png": png(1), "a.cls": b"0", "b.png": b"", "b.cls": b"1", "c.cls": b"2"},
        **{"d.png": png(2)[:50], "d.cls": b"0", "._a.png": b"fork", "__MACOSX/a.png": b"fork", "notes": b"x"},
    }
    write_tar(tmp_path / "train-000-of-002.tar", members)
    write_tar(tmp_path / "val.tar", samples(range(1)))
    index = webdataset.index(tmp_path, **POOL_ONLY)
    found = reasons(index)
    assert list(labels(index)) == ["train-000-of-002.tar/a.png"]
    assert found.pop("train-000-of-002.tar/d.png").startswith("image file is truncated")
    assert found == {
        "train-000-of-002.tar/b.png": "file is empty (0 bytes)",
        "train-000-of-002.tar/c": "a sample without an image",
        "train-000-of-002.tar/__MACOSX/a": "a sample without an image",
        "train-001-of-002.tar": "missing",
        "val.tar": "not read: the split validation",
    }


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.cls", b"caf\xe9", "not UTF-8"),
        ("a.json", b"{", "cannot be read as JSON"),
        ("a.json", b"[1]", "holds no JSON object"),
        ("a.json", b'{"label": [1, 2]}', "no label"),
    ],
)
def test_labels_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    write_tar(tmp_path / "train.tar", {"a.png": png(1), name: content})
    with pytest.raises(ValueError, match=rf"train\.tar.*{words}"):
        webdataset.index(tmp_path, **POOL_ONLY)


def test_missing_splits_and_compressed_archives_have_a_remedy(tmp_path: Path) -> None:
    write_tar(tmp_path / "train.tar.gz", samples(range(2)), "w:gz")
    with pytest.raises(FileNotFoundError, match=r"decompress train\.tar\.gz first"):
        webdataset.index(tmp_path)
    write_tar(tmp_path / "train.tar", samples(range(2)))
    with pytest.raises(ValueError, match=r"no split 'test' for the test, only train; .*to null"):
        webdataset.index(tmp_path)
    index = webdataset.index(tmp_path, **POOL_ONLY)
    assert reasons(index) == {"train.tar.gz": "a compressed archive; decompress it to .tar"}
    (tmp_path / "train.tar").write_bytes((tmp_path / "train.tar.gz").read_bytes())
    with pytest.raises(ValueError, match="cannot be read as an uncompressed tar archive"):
        webdataset.index(tmp_path, **POOL_ONLY)


@pytest.mark.parametrize("options", [{"image_key": 1}, {"label_key": False}, {"splits": "train"}])
def test_options_of_another_type_are_refused(tmp_path: Path, options: dict) -> None:
    write_tar(tmp_path / "train.tar", samples(range(2)))
    with pytest.raises(ValueError, match=f"{next(iter(options))}: .* is no "):
        build_index(webdataset, tmp_path, options, workers=1)
