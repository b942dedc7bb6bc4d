"""Paths that lead through archives and shards."""

import tarfile
from pathlib import Path

import pytest
from fact.data.packed_files import find_packed, read_packed
from hub_copies import hub_table, png, write_parquet


def test_a_path_through_an_archive_or_a_shard_is_split_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"first")
    with tarfile.open(tmp_path / "some.tar", "w:") as tar:
        tar.add(tmp_path / "a.txt", "a.txt")
    shard = write_parquet(tmp_path / "x/train.parquet", hub_table([png(1)], [0]))
    assert find_packed(tmp_path, "some.tar/a.txt") == (tmp_path / "some.tar", "a.txt")
    assert read_packed(tmp_path / "some.tar", "a.txt") == b"first"
    assert find_packed(tmp_path, "x/train.parquet/image/00000000") == (shard, "image/00000000")
    assert read_packed(shard, "image/00000000") == png(1)


@pytest.mark.parametrize("suffix", [".tar", ".parquet", ".arrow"])
def test_a_folder_may_be_called_like_an_archive(tmp_path: Path, suffix: str) -> None:
    outer = tmp_path / f"folder{suffix}"
    outer.mkdir()
    (outer / f"inner{suffix}").write_bytes(b"")
    assert find_packed(tmp_path, f"folder{suffix}/a.png") is None
    assert find_packed(tmp_path, f"inner{suffix}") is None
    inner = (outer / f"inner{suffix}", "a.png")
    assert find_packed(tmp_path, f"folder{suffix}/inner{suffix}/a.png") == inner
