"""Files in tar archives."""

import tarfile
from pathlib import Path

import pytest
from fact.data.image_files import read_file
from fact.data.tar_files import member_names, read_member


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for name, content in (("b.txt", b"second"), ("a.txt", b"first"), ("c.txt", b"")):
        (tmp_path / name).write_bytes(content)
    with tarfile.open(tmp_path / "some.tar", "w:") as tar:
        for name in ("b.txt", "a.txt", "c.txt"):
            tar.add(tmp_path / name, f"./folder/{name}" if name == "b.txt" else name)
    return tmp_path / "some.tar"


def test_members_are_read_by_name(archive: Path) -> None:
    assert member_names(archive) == ["./folder/b.txt", "a.txt", "c.txt"]
    assert read_member(archive, "a.txt") == b"first" and read_member(archive, "./folder/b.txt") == b"second"
    with pytest.raises(ValueError, match=r"some\.tar has no member 'd\.txt'"):
        read_member(archive, "d.txt")


def test_a_replaced_archive_is_read_anew(archive: Path) -> None:
    assert read_member(archive, "a.txt") == b"first"
    with tarfile.open(archive, "w:") as tar:
        tar.add(archive.parent / "b.txt", "a.txt")
        tar.add(archive.parent / "b.txt", "z" * 200)
        tar.add(archive.parent / "b.txt", "y" * 3000)
    assert read_member(archive, "a.txt") == b"second"
    with pytest.raises(ValueError, match=r"a\.txt in .*: not an image"):
        read_file(archive.parent, "some.tar/a.txt", None, exif=False)


@pytest.mark.parametrize("mode", ["w:gz", None])
def test_other_files_are_refused(tmp_path: Path, mode: str | None) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"no archive" * 100)
    if mode:
        tarfile.open(path, mode).close()
    with pytest.raises(ValueError, match=r"a\.tar cannot be read as an uncompressed tar archive"):
        member_names(path)


def test_an_archive_cut_short_is_refused(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: 512 + 3])
    with pytest.raises(ValueError, match=r"some\.tar (cannot be read|ends within)"):
        read_member(archive, "./folder/b.txt")


def test_an_archive_in_an_archive_is_a_folder(archive: Path) -> None:
    outer = archive.parent / "outer.tar"
    with tarfile.open(outer, "w:") as tar:
        tar.add(archive, "./deep/inner.tar")
        tar.add(archive.parent / "a.txt", "plain.txt")
    with tarfile.open(archive.parent / "outermost.tar", "w:") as tar:
        tar.add(outer, "outer.tar")
    inner = ["./folder/b.txt", "a.txt", "c.txt"]
    assert member_names(outer) == [*(f"./deep/inner.tar/{name}" for name in inner), "plain.txt"]
    assert read_member(outer, "./deep/inner.tar/a.txt") == b"first"
    deepest = "outer.tar/./deep/inner.tar/./folder/b.txt"
    assert read_member(archive.parent / "outermost.tar", deepest) == b"second"


def test_a_damaged_archive_in_an_archive_is_named(archive: Path) -> None:
    (archive.parent / "bad.txt").write_bytes(b"no archive" * 100)
    with tarfile.open(archive.parent / "outer.tar", "w:") as tar:
        tar.add(archive.parent / "bad.txt", "inner.tar")
    with pytest.raises(
        ValueError, match=r"outer\.tar/inner\.tar cannot be read as an uncompressed tar archive"
    ):
        member_names(archive.parent / "outer.tar")
