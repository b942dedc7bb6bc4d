"""What a table holds: a selection, any other CSV file, a parquet file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fact.commands.inspection.entry import Entry, counted
from fact.infra.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

FIRST_ROWS = 5
MANY_VALUES = 40


def selection_entries(path: Path) -> Iterator[Entry]:
    """Yield size, scores and first rows of a selection. Raises ArtifactError for a damaged one."""
    import pandas as pd

    from fact.data.selection_file import read_selection

    count = len(read_selection(path))
    yield Entry("images", count, f"selection of {count} images")
    rows = _read_csv(path)
    scores = pd.to_numeric(rows["score"], errors="coerce")
    found = {"min": float(scores.min()), "mean": float(scores.mean()), "max": float(scores.max())}
    yield Entry(
        "scores", found, "scores: " + ", ".join(f"{name} {value:.4g}" for name, value in found.items())
    )
    yield _first(rows)


def csv_entries(path: Path) -> Iterator[Entry]:
    """Yield columns and first rows of any table, and how often the values of few-valued columns occur."""
    rows = _read_csv(path)
    yield Entry("rows", len(rows), f"{len(rows)} rows, {len(rows.columns)} columns")
    for name in rows.columns:
        filled = int((rows[name] != "").sum())
        yield Entry(f"/{name}", {"filled": filled}, f"/{name}: {filled} filled")
    for name in ("outcome", "status", "reason", "label", "row", "selector", "method", "state"):
        values = rows[name][rows[name] != ""] if name in rows else None
        if values is not None and 0 < values.nunique() <= MANY_VALUES:
            yield counted(name, values.value_counts().sort_index().to_dict())
    yield _first(rows)


def parquet_entries(path: Path) -> Iterator[Entry]:
    """Yield columns, counts and first rows. Raises ArtifactError for a damaged file."""
    from fact.infra.files.parquet import read_parquet

    rows = read_parquet(path).to_pandas()
    yield Entry("content hash", "ok")
    yield Entry("rows", len(rows), f"{len(rows)} rows, {len(rows.columns)} columns")
    for name in rows.columns:
        kind, missing = str(rows[name].dtype), int(rows[name].isna().sum())
        yield Entry(f"/{name}", {"dtype": kind, "missing": missing}, f"/{name}: {kind}, {missing} missing")
    software = [name for name in rows.columns if name.startswith(("software.", "device."))]
    for name in ("split", "status", "label", *software):
        if name in rows and rows[name].nunique() <= MANY_VALUES:
            yield counted(name, rows[name].value_counts().sort_index().to_dict())
    yield _first(rows)


def is_selection(path: Path) -> bool:
    """Return whether the first line of a CSV file is that of a selection."""
    from fact.data.selection_file import COLUMNS

    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline().strip().split(",") == list(COLUMNS)


def _read_csv(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as CSV ({error}); make it again") from error


def _first(rows: "pd.DataFrame") -> Entry:
    first = rows.head(FIRST_ROWS)
    lines = ["  " + line for line in first.to_string(index=False).splitlines()]
    value = [{str(name): str(cell) for name, cell in row.items()} for row in first.to_dict("records")]
    return Entry("first rows", value, "\n".join([f"first {len(first)} rows:", *lines]))
