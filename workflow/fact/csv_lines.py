"""Lines of CSV (RFC 4180 but for the line's end), the same bytes on every system."""

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as text, each line ended by a newline alone; a cell with a comma or line end is quoted."""
    return "".join(map(_line, rows))


def _line(cells: Sequence[str]) -> str:
    # written with another end, so that a cell that holds \r alone is quoted too
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n") + "\n"
