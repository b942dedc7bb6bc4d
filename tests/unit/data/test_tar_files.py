"""Files in tar archives."""

import tarfile
from pathlib import Path

import pytest
from fact.data.image_files import read_file
from fact.data.tar_files import find_archive, member_names, read_member


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


def test_paths_through_an_archive(archive: Path) -> None:
    root = archive.parent
    assert find_archive(root, "some.tar/a.txt") == (archive, "a.txt")
    assert find_archive(root, "a.txt") is None and find_archive(root, "some.tar") is None
    (root / "folder.tar").mkdir()
    assert find_archive(root, "folder.tar/a.txt") is None
    archive.rename(root / "folder.tar/some.tar")
    assert find_archive(root, "folder.tar/some.tar/a.txt") == (root / "folder.tar/some.tar", "a.txt")


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
