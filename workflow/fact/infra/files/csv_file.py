"""Lines of CSV (RFC 4180 but for the line's end), the same bytes on every system."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from fact.infra.errors import DataError

# csv.QUOTE_MINIMAL or csv.QUOTE_ALL
Quoting = Literal[0, 1]


def csv_text(rows: Iterable[Sequence[str]], *, quote_all: bool = False) -> str:
    """Return the rows as text, each line ended by a newline alone; a cell with a comma or line end is quoted.

    ``quote_all`` quotes every cell, so that a program that splits at ``;`` or tabs splits no cell.
    """
    quoting: Quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    return "".join(_line(row, quoting) for row in rows)


def read_csv(path: Path, remedy: str) -> list[list[str]]:
    """Return its rows but for empty ones.

    Raises FileNotFoundError, and DataError with the remedy for no CSV.
    """
    # utf-8-sig and newline="": a spreadsheet saves a mark at the start and \r\n, cells may hold either
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return [line for line in csv.reader(file, strict=True) if line]
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as CSV ({error}); {remedy}") from error


def _line(cells: Sequence[str], quoting: Quoting) -> str:
    # written with another end, so that a cell that holds \r alone is quoted too
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n", quoting=quoting).writerow(cells)
    return buffer.getvalue().removesuffix("\r\n") + "\n"
