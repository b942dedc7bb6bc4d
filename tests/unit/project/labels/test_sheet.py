import csv
import io
from pathlib import Path
from unicodedata import normalize

import pytest
from fact.infra.files.spreadsheet import escape_formula
from fact.project.labels.sheet import read_sheet, write_sheet
from hypothesis import given
from odd_names import CLASS_NAMES, IDS, SAMPLE_IDS, SIGNS


def filled(path: Path, label: str = "cat") -> list[list[str]]:
    """The rows of a sheet that was written, with this label in every row."""
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    return [header, *([sample_id, name, label] for sample_id, name, _ in rows)]


def saved(path: Path, rows: list[list[str]], encoding: str = "utf-8", **dialect) -> Path:
    """The rows as a spreadsheet saves them."""
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def test_a_filled_sheet_comes_back(tmp_path):
    write_sheet(tmp_path / "out.csv", {name: name for name in IDS})
    votes = read_sheet(saved(tmp_path / "back.csv", filled(tmp_path / "out.csv")))
    assert [vote.sample_id for vote in votes] == IDS
    assert [vote.path for vote in votes] == IDS
    assert {vote.choices for vote in votes} == {("cat",)}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_dialect_of_a_spreadsheet_is_read(tmp_path, delimiter, line_end, encoding):
    write_sheet(tmp_path / "out.csv", {name: name for name in IDS})
    back = saved(
        tmp_path / "back.csv",
        filled(tmp_path / "out.csv"),
        encoding,
        delimiter=delimiter,
        lineterminator=line_end,
        quoting=csv.QUOTE_ALL,
    )
    assert [vote.sample_id for vote in read_sheet(back)] == IDS


def test_a_mark_that_a_program_took_for_text_is_no_part_of_a_name(tmp_path):
    write_sheet(tmp_path / "out.csv", {name: name for name in IDS})
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_bytes().decode("utf-8"), newline="")))
    assert rows[0][0] == '\ufeff"sample_id"', "what Python's own reader makes of it"
    back = saved(tmp_path / "back.csv", [rows[0], *([*row[:2], "cat"] for row in rows[1:])])
    assert [vote.sample_id for vote in read_sheet(back)] == IDS


@given(ids=SAMPLE_IDS, label=CLASS_NAMES)
def test_any_ids_and_labels_come_back(tmp_path_factory, ids, label):
    folder = tmp_path_factory.mktemp("sheet")
    write_sheet(folder / "out.csv", {name: name for name in ids})
    # a label that would be a formula is typed with the apostrophe that makes it text
    votes = read_sheet(saved(folder / "back.csv", filled(folder / "out.csv", escape_formula(label))))
    assert [(vote.sample_id, vote.choices) for vote in votes] == [(name, (label,)) for name in ids]


@pytest.mark.parametrize("label", ["\uf900", "Mo\u0308we", "e\u0301"])
def test_a_label_comes_back_in_nfc(tmp_path, label):
    write_sheet(tmp_path / "out.csv", {"0": "0"})
    (vote,) = read_sheet(saved(tmp_path / "back.csv", filled(tmp_path / "out.csv", label)))
    assert vote.choices == (normalize("NFC", label),) and vote.choices != (label,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_at_whatever_delimiter(tmp_path, delimiter):
    write_sheet(
        tmp_path / "out.csv",
        {name: name for name in [*IDS, "a;=1+1", "a\t=1+1", "a,=1+1", 'a;"=1+1"', "a\n=1+1"]},
    )
    text = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
    assert len(cells) > len(IDS)
    assert not [cell for cell in cells if cell.startswith(SIGNS)]


def test_empty_rows_and_lost_commas_are_no_votes_and_no_errors(tmp_path):
    path = tmp_path / "back.csv"
    path.write_text("sample_id,path,label\na,a,cat\n,,\n\nb\nc,c, \n,,dog\n")
    assert [(vote.sample_id, vote.choices) for vote in read_sheet(path)] == [
        ("a", ("cat",)),
        ("b", ()),
        ("c", ()),
        ("", ("dog",)),
    ]


def test_annotators_and_times_are_read(tmp_path):
    path = tmp_path / "back.csv"
    path.write_text("label,annotator,sample_id,updated_at\ncat,ann,a,2026-01-02T03:04:05Z\ncat,,b,\n")
    first, second = read_sheet(path)
    assert (first.annotator, first.time.year) == ("ann", 2026)
    assert second.annotator == "back.csv" and second.time < first.time
    assert second.origin == "back.csv, row 3"


def test_a_csv_of_label_studio_is_read_with_ids_as_they_are(tmp_path):
    path = tmp_path / "project.csv"
    rows = [
        ["annotation_id", "annotator", "choice", "id", "image", "sample_id", "updated_at"],
        ["7", "1", "cat", "3", "/data/x", "'=x.jpg", "2026-01-02T03:04:05.000000Z"],
        ["8", "2", '{"choices": ["cat", "dog"]}', "4", "/data/y", "y", "2026-01-02T03:04:05.000000Z"],
    ]
    votes = read_sheet(saved(path, rows, quoting=csv.QUOTE_NONNUMERIC))
    assert [(vote.sample_id, vote.choices, vote.annotator) for vote in votes] == [
        ("'=x.jpg", ("cat",), "1"),
        ("y", ("cat", "dog"), "2"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column sample_id"),
        (b"name,label\na,b\n", "no column sample_id"),
        (b"sample_id,path\na,b\n", "sample_id and label"),
        (b"sample_id,label\na,b,c\n", "row 2: 3 cells for 2 columns"),
        (b"sample_id,label\ncaf\xe9,b\n", "save it as CSV UTF-8"),
        (b'sample_id,label\n"a,b\n', "cannot be read as CSV"),
        (b"sample_id,label,updated_at\na,b,yesterday\n", "not ISO 8601"),
    ],
)
def test_what_is_no_table_of_labels_is_refused(tmp_path, content, words):
    path = tmp_path / "back.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_sheet(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"back\.csv does not exist"):
        read_sheet(tmp_path / "back.csv")


@given(SAMPLE_IDS)
def test_no_id_is_a_formula_at_whatever_delimiter(tmp_path_factory, ids):
    path = tmp_path_factory.mktemp("sheet") / "out.csv"
    write_sheet(path, {name: name for name in ids})
    text = path.read_bytes().decode("utf-8-sig")
    for delimiter in ",;\t":
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        assert not [cell for row in rows for cell in row if cell.startswith(SIGNS)]
