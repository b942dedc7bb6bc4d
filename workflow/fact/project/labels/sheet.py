"""A sheet to fill in, ``sample_id, path, label``, and tables that come from spreadsheets and Label Studio.

Written cells cannot be taken for formulas (:mod:`fact.infra.files.spreadsheet`) and are all quoted. Read are
commas, semicolons and tabs, with or without a byte order mark, in UTF-8 or the UTF-16 of "Unicode text".
Label Studio's CSV has the columns of its JSON-MIN (label-studio-sdk, ``converter/exports/csv2.py``).
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from fact.data.image_names import NAME_COLUMNS
from fact.data.path_text import to_text
from fact.infra.errors import LabelError
from fact.infra.files.csv_file import csv_text
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula, unescape_formula
from fact.project.labels.flat_record import CONTROL, LABELS, flat_vote
from fact.project.labels.vote import Vote

COLUMNS = ["sample_id", "path", "label"]
FILE_NAME = "file_name"
DELIMITERS = (",", ";", "\t")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def write_sheet(out: Path, paths: Mapping[str, str]) -> None:
    """Publish a sheet of these images, path by sample id; the column ``label`` is empty."""
    rows = [[escape_formula(sample_id), escape_formula(path), ""] for sample_id, path in paths.items()]
    # the mark tells spreadsheets that it is UTF-8
    publish_text(out, "\ufeff" + csv_text([COLUMNS, *rows], quote_all=True))


def read_sheet(path: Path) -> list[Vote]:
    """Return a vote for each row that holds anything, in order.

    Columns: ``sample_id`` or one of :data:`NAME_COLUMNS`, which names the image; ``label`` or another of
    :data:`LABELS`; perhaps ``annotator``, ``updated_at``.
    Raises FileNotFoundError, and LabelError for a table without these columns or with cells beyond them.
    """
    if not set(LABELS) & set(header := sheet_columns(path)):
        raise LabelError(f"{path} has the columns {header}; a table of labels has sample_id and label")
    name = to_text(path.name)
    return [flat_vote(record, origin, name) for origin, record in sheet_records(path)]


def sheet_records(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield where each row stands and its cells by column, empty rows left out. Raises as read_sheet."""
    lines = _split(path, _decoded(path))
    header, name = _names(next(lines)), to_text(path.name)
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            origin = f"{name}, row {number}"
            yield origin, _record(header, cells, origin)


def sheet_columns(path: Path) -> list[str]:
    """Return the columns of a table that has sample ids. Raises as :func:`read_sheet`."""
    return _names(next(_split(path, _decoded(path))))


def _record(header: list[str], cells: list[str], origin: str) -> dict[str, str]:
    """Return cells by column. A short row ends in empty cells, as spreadsheets leave them out."""
    if any(cell.strip() for cell in cells[len(header) :]):
        raise LabelError(
            f"{origin}: {len(cells)} cells for {len(header)} columns; quote cells with a delimiter"
        )
    cells = cells + [""] * (len(header) - len(cells))
    record = dict(zip(header, cells, strict=False))
    # Label Studio and Hugging Face's metadata.csv guard nothing: there an apostrophe is part of the name
    plain = CONTROL in record or FILE_NAME in record
    return record if plain else {name: unescape_formula(cell) for name, cell in record.items()}


def _names(header: list[str]) -> list[str]:
    """Return names of columns. A program that takes the mark for text writes it back into the first one."""
    return [name.strip().strip('\ufeff"').strip() for name in header]


def _split(path: Path, text: str) -> Iterator[list[str]]:
    """Return rows of the table, by the delimiter at which its header has a column that names images."""
    for delimiter in DELIMITERS:
        # not strict: at another delimiter a quoted table is no CSV
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        if set(NAME_COLUMNS) & set(_names(header)):
            return _rows(path, text, delimiter)
    raise LabelError(
        f"{path} has no column {' or '.join(NAME_COLUMNS)}; its first row is {text[:80].splitlines()[:1]}"
    )


def _rows(path: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise LabelError(f"{path} cannot be read as CSV ({error}); save it again as CSV") from error


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; give the file that the labels came back in")
    content = path.read_bytes()
    encoding = "utf-16" if content.startswith(UTF16_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise LabelError(f"{path} is not UTF-8 ({error}); save it as CSV UTF-8") from error
