import csv
from pathlib import Path

import pandas as pd
import pytest
from fact.data.selection_file import (
    COLUMNS,
    chosen_rows,
    read_already_labelled,
    read_selection,
    write_selection,
)
from fact.infra.files.record import read_record
from hypothesis import given, settings
from hypothesis import strategies as st

ODD = [
    "00012",
    "1e5",
    "0x1F",
    "-3",
    "+3",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@x",
    "NA",
    "null",
    "nan",
    "True",
    "2024-01-31",
    "a,b",
    'a"b',
    '"',
    "a;b",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "\r",
    "\n",
    " lead",
    "trail ",
    " ",
    "'x",
    "#x",
    "\\",
    "\\n",
    "ü/é.png",
    "猫.jpg",
    "\ufeffmark",
    "\u2028",
    "a\x0bb",
    "a\x85b",
    "bytes:caf%E9.jpg",
]


def manifest(ids: list[str]) -> pd.DataFrame:
    """Manifest rows of these ids; locators differ from the ids."""
    return pd.DataFrame(
        {"sample_id": ids, "locator": [f"train/{name}" for name in ids], "label": range(len(ids))}
    )


def write(path: Path, ids: list[str]) -> Path:
    write_selection(path, manifest(ids), [0.5] * len(ids))
    return path


def test_file_is_for_humans(tmp_path):
    path = tmp_path / "new" / "seed0.csv"
    write_selection(path, manifest(["cat/2.png", "dog/1.png"]), [1.0, 0.000123456789])
    expected = (
        "rank,sample_id,path,score\n1,cat/2.png,train/cat/2.png,1\n2,dog/1.png,train/dog/1.png,0.000123457\n"
    )
    assert path.read_bytes().decode() == expected
    assert sorted(file.name for file in path.parent.iterdir()) == ["seed0.csv", "seed0.json"]


def test_ids_come_back_in_pick_order(tmp_path):
    ids = [f"{number:05d}" for number in (7, 3, 99, 0, 50)]
    assert read_selection(write(tmp_path / "s.csv", ids)) == ids


@pytest.mark.parametrize("sample_id", ODD)
def test_odd_id_comes_back_as_the_same_text(tmp_path, sample_id):
    ids = ["before", sample_id, "after"]
    assert read_selection(write(tmp_path / "s.csv", ids)) == ids


def test_odd_ids_come_back_together(tmp_path):
    assert read_selection(write(tmp_path / "s.csv", ODD)) == ODD


@settings(max_examples=40)
@given(
    ids=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        min_size=1,
        unique=True,
    )
)
def test_any_ids_come_back(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("any") / "s.csv"
    assert read_selection(write(path, ids)) == ids


def test_same_selection_same_bytes(tmp_path):
    first, second = write(tmp_path / "a.csv", ODD), write(tmp_path / "b.csv", ODD)
    assert first.read_bytes() == second.read_bytes()


def test_scores_are_one_a_row(tmp_path):
    with pytest.raises(ValueError):
        write_selection(tmp_path / "s.csv", manifest(["a", "b"]), [0.5])
    assert list(tmp_path.iterdir()) == []


def test_file_saved_by_a_spreadsheet_is_read(tmp_path):
    path = write(tmp_path / "s.csv", ["a", "ü,b", "00012"])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert read_selection(path) == ["a", "ü,b", "00012"]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.csv"):
        read_selection(tmp_path / "nowhere.csv")


HEADER = ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not a selection: its columns are []"),
        (b"sample_id,label\na,1\n", "is not a selection: its columns are ['sample_id', 'label']"),
        (
            b"rank;sample_id;path;score\n1;a;b;0\n",
            "is not a selection: its columns are ['rank;sample_id;path;score']",
        ),
        (f"{HEADER}\n".encode(), "names no image"),
        (f"{HEADER}\n1,a,b,0.5,\n2,c,d,0.5,\n".encode(), "row 1 has not 4 cells"),
        (f"{HEADER}\n1,a,b,0.5\n2,c\n".encode(), "row 2 has not 4 cells"),
        (f'{HEADER}\n1,"a,b,0.5\n'.encode(), "cannot be read as CSV"),
        (f"{HEADER}\n1,caf".encode() + b"\xe9,b,0\n", "cannot be read as CSV"),
        (
            f"{HEADER}\n1,a,x,0\n2,b,y,0\n3,a,x,0\n".encode(),
            "names a twice; delete the file and select again",
        ),
    ],
)
def test_file_that_is_no_selection_is_refused(tmp_path, content, problem):
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        read_selection(path)
    assert str(path) in str(caught.value) and problem in str(caught.value)


def test_columns_can_be_read_by_any_csv_reader(tmp_path):
    ids = ["a,b", 'c"d', "e\nf"]
    with write(tmp_path / "s.csv", ids).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["rank"], row["sample_id"], row["path"]) for row in rows] == [
        (str(rank), name, f"train/{name}") for rank, name in enumerate(ids, start=1)
    ]


def test_chosen_rows_are_in_pick_order_with_all_columns():
    frame = manifest(["a", "00012", "12", "d"])
    rows = chosen_rows(frame, ["d", "12", "a"], Path("s.csv"))
    assert list(rows["sample_id"]) == ["d", "12", "a"] and list(rows["label"]) == [3, 2, 0]
    assert list(rows.columns) == list(frame.columns) and list(rows.index) == [0, 1, 2]
    assert list(frame["sample_id"]) == ["a", "00012", "12", "d"]


@pytest.mark.parametrize("unknown", ["0012", "A", ""])
def test_id_that_is_not_in_the_manifest_is_named(unknown):
    with pytest.raises(
        ValueError, match=f"s.csv names {unknown}, which is not in the manifest; delete the file"
    ):
        chosen_rows(manifest(["a", "00012"]), ["a", unknown], Path("s.csv"))


def test_a_list_that_is_not_what_its_record_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seed0.csv"
    rows = pd.DataFrame({"sample_id": ["pool/1", "pool/2"], "locator": ["1", "2"]})
    write_selection(path, rows, [0.5, 0.25], {"selector": "activeft"})
    assert read_record(tmp_path / "seed0.json")["selector"] == "activeft"
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        try:
            assert read_selection(path) == ["pool/1", "pool/2"]  # a rank, path or score, which nothing reads
        except ValueError as error:
            assert "seed0.csv" in str(error)
    path.write_bytes(good.replace(b"pool/1", b"pool/3"))
    with pytest.raises(ValueError, match=r"seed0\.csv was damaged or edited.*delete both and select again"):
        read_selection(path)
    path.write_bytes(good[: good.index(b"2,pool/2")])
    with pytest.raises(ValueError, match="was damaged or edited"):
        read_selection(path)
    (tmp_path / "seed0.json").unlink()
    path.write_text("rank,sample_id,path,score\n1,pool/2,2,\n")
    assert read_selection(path) == ["pool/2"]


def test_any_list_with_ids_says_what_is_labelled_already(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes('\ufefflabel,sample_id\r\ncat,pool/a.jpg\r\ndog,"pool/b, c.jpg"\r\n'.encode())
    assert read_already_labelled(path) == ["pool/a.jpg", "pool/b, c.jpg"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,label\na,1\n", "has the columns"),
        ("sample_id\n", "names no image"),
        ("sample_id\na\na\n", "a twice"),
    ],
)
def test_a_list_that_says_nothing_of_labelled_images_is_refused(tmp_path, text, problem):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(ValueError, match=problem):
        read_already_labelled(tmp_path / "mine.csv")
