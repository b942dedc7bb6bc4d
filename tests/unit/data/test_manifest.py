import csv
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from fact.data.classes import read_classes
from fact.data.manifest import (
    MANIFEST_COLUMNS,
    FileOutcome,
    Problem,
    Record,
    SourceIndex,
    make_index,
    read_files,
    read_manifest,
    write_manifest,
)
from fact.infra.files.parquet import publish_parquet


def record(name: str, label: int | None = 0, split: str = "pool") -> Record:
    return name, split, name, label, 4, 3, "ab" * 32, "ok"


def example() -> SourceIndex:
    empty = Problem("b.jpg", "file is empty (0 bytes)", FileOutcome.UNREADABLE)
    problems = [empty, ("=cmd|' /C calc'!A0.jpg", "x"), ("@a.jpg", "-1")]
    return make_index([record("test/b", 1, "test"), record("pool/a", None)], problems, ["cat", "été <b>"])


def test_round_trip(tmp_path: Path) -> None:
    index = example()
    write_manifest(tmp_path, index)
    rows = read_manifest(tmp_path / "manifest.parquet")
    pd.testing.assert_frame_equal(rows, index.rows)
    assert tuple(rows.columns) == MANIFEST_COLUMNS
    assert rows["sample_id"].to_list() == ["pool/a", "test/b"]
    assert rows["label"].isna().to_list() == [True, False]
    assert read_classes(tmp_path / "classes.json") == ["cat", "été <b>"]


def test_same_index_gives_the_same_bytes(tmp_path: Path) -> None:
    write_manifest(tmp_path / "one", example())
    shuffled = make_index(
        [record("pool/a", None), record("test/b", 1, "test")],
        [
            ("@a.jpg", "-1"),
            ("b.jpg", "file is empty (0 bytes)", FileOutcome.UNREADABLE),
            ("=cmd|' /C calc'!A0.jpg", "x"),
        ],
        ["cat", "été <b>"],
    )
    write_manifest(tmp_path / "two", shuffled)
    names = ["classes.json", "files.csv", "manifest.parquet", "problems.csv"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(os.listdir(tmp_path / "one")) == names


def test_parquet_holds_no_volatile_metadata(tmp_path: Path) -> None:
    write_manifest(tmp_path, example())
    assert b"pandas" not in (tmp_path / "manifest.parquet").read_bytes()


def test_problem_cells_are_no_formulas(tmp_path: Path) -> None:
    write_manifest(tmp_path, example())
    with (tmp_path / "problems.csv").open(newline="") as file:
        header, *cells = csv.reader(file)
    assert header == ["path", "outcome", "reason"]
    assert cells == [
        ["'=cmd|' /C calc'!A0.jpg", "ignored", "x"],
        ["'@a.jpg", "ignored", "'-1"],
        ["b.jpg", "unreadable", "file is empty (0 bytes)"],
    ]


def test_every_file_has_an_outcome(tmp_path: Path) -> None:
    write_manifest(tmp_path, example())
    assert read_files(tmp_path / "files.csv") == {
        "=cmd|' /C calc'!A0.jpg": ("ignored", "x"),
        "@a.jpg": ("ignored", "-1"),
        "b.jpg": ("unreadable", "file is empty (0 bytes)"),
        "pool/a": ("used", ""),
        "test/b": ("used", ""),
    }
    (tmp_path / "files.csv").write_text("path,reason\na,b\n")
    with pytest.raises(ValueError, match=r"files\.csv is not a list of files; delete it and index again"):
        read_files(tmp_path / "files.csv")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_formula_start_is_guarded(tmp_path: Path, start: str) -> None:
    write_manifest(tmp_path, make_index([record("a")], [(start + "x\ry", "r")], ["cat"]))
    with (tmp_path / "problems.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == ["'" + start + "x\ry", "ignored", "r"]


def test_undecodable_names_are_escaped(tmp_path: Path) -> None:
    index = make_index([record("a")], [(os.fsdecode(b"caf\xe9.jpg"), "r")], [os.fsdecode(b"\xff")])
    write_manifest(tmp_path, index)
    assert (tmp_path / "problems.csv").read_text() == "path,outcome,reason\nbytes:caf%E9.jpg,ignored,r\n"
    assert read_classes(tmp_path / "classes.json") == ["bytes:%FF"]


def test_index_without_problems_or_labels(tmp_path: Path) -> None:
    write_manifest(tmp_path, make_index([record("a", None)], [], []))
    assert read_manifest(tmp_path / "manifest.parquet")["label"].isna().all()
    assert (tmp_path / "problems.csv").read_text() == "path,outcome,reason\n"


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([record("a"), record("a")], "sample_id 'a' occurs more than once"),
        ([record("a", split="train")], "split 'train' is not one of"),
        ([record("a", label=1)], "labels 1..1 are not positions in 1 classes"),
        ([record("a", label=-1)], "labels -1..-1"),
    ],
)
def test_rows_that_are_no_manifest_are_refused(tmp_path: Path, records: list[Record], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_manifest(tmp_path, make_index(records, [], ["cat"]))
    assert not list(tmp_path.iterdir())


def publish(path: Path, rows: pd.DataFrame) -> None:
    publish_parquet(path, pa.Table.from_pandas(rows, preserve_index=False))


def test_damaged_manifests_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.parquet"
    with pytest.raises(FileNotFoundError, match="run the workflow again"):
        read_manifest(path)
    path.write_bytes(b"PAR1 half a file")
    with pytest.raises(ValueError, match="was damaged or edited"):
        read_manifest(path)
    publish(path, example().rows.drop(columns="sha256"))
    with pytest.raises(ValueError, match=r"columns .* are not those of a manifest"):
        read_manifest(path)
    publish(path, pd.concat([example().rows] * 2))
    with pytest.raises(ValueError, match="occurs more than once"):
        read_manifest(path)
