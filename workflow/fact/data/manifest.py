"""The index of a data source: which samples it has, which files it had to leave out, and its classes.

On disk it is ``manifest.parquet`` (one row per sample), ``problems.csv`` (one row per file that was left out
or an oddity of the layout), ``files.csv`` (one row per file: used, perhaps with a note, or why not) and
``classes.json`` (class names; a label is a position in this list).
The same index gives the same bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import numpy as np
import pandas as pd

from fact.data.classes import write_classes
from fact.data.path_text import to_text
from fact.infra.errors import ArtifactError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.parquet import publish_parquet, read_parquet
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula, unescape_formula

SPLITS = ("pool", "test")
MANIFEST_TYPES = {
    "sample_id": "string",
    "split": "string",
    "locator": "string",
    "label": "int64",
    "width": "int64",
    "height": "int64",
    "sha256": "string",
    "status": "string",
}
MANIFEST_COLUMNS = tuple(MANIFEST_TYPES)
PROBLEM_COLUMNS = ("path", "outcome", "reason")
# a manifest row, in the order of the columns
Record = tuple[str, str, str, int | None, int, int, str, str]


class ManifestRow(Protocol):
    """A row of a manifest, its columns by name."""

    sample_id: str
    split: str
    locator: str
    width: int
    height: int
    sha256: str


class Counts(NamedTuple):
    """Classes, and images of each split."""

    classes: int
    pool: int
    test: int


class FileOutcome(StrEnum):
    """What became of a file."""

    USED = "used"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    IGNORED = "ignored"


class Problem(NamedTuple):
    """A path that is no sample, and why."""

    path: str
    reason: str
    outcome: FileOutcome = FileOutcome.IGNORED


class SourceIndex(NamedTuple):
    """``rows`` has ``MANIFEST_COLUMNS``, ``problems`` ``PROBLEM_COLUMNS``; both sorted, labels nullable.

    A problem of outcome "used" is a note about an image that is in ``rows``.
    """

    rows: pd.DataFrame
    problems: pd.DataFrame
    classes: list[str]


def pixel_record(sample_id: str, split: str, locator: str, label: int, pixels: np.ndarray) -> Record:
    """Return the manifest row of an image that has no file of its own; sha256 is that of its RGB bytes."""
    height, width, _ = pixels.shape
    return sample_id, split, locator, label, width, height, _sha256(pixels), "ok"


def check_pixels(pixels: np.ndarray, sha256: str | None, locator: str) -> np.ndarray:
    """Return the pixels, if they are those that were indexed (None: not checked).

    Else raises ArtifactError.
    """
    if sha256 is not None and _sha256(pixels) != sha256:
        raise ArtifactError(f"{locator} is not the image that was indexed")
    return pixels


def _sha256(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def make_index(
    records: Iterable[Record], problems: Iterable[Problem | tuple[str, str]], classes: Sequence[str]
) -> SourceIndex:
    """Return a SourceIndex from manifest rows and :class:`Problem` entries, or (path, reason) of ignored
    files.

    Paths of problems and class names may hold undecodable bytes; they are stored by
    :mod:`fact.data.path_text`.
    """
    rows = pd.DataFrame(list(records), columns=list(MANIFEST_COLUMNS)).astype(_dtypes())
    entries = (Problem(*entry) for entry in problems)
    written = sorted((to_text(entry.path), entry.outcome.value, entry.reason) for entry in entries)
    return SourceIndex(
        rows.sort_values("sample_id", ignore_index=True),
        pd.DataFrame(written, columns=list(PROBLEM_COLUMNS)).astype("str"),
        [to_text(name) for name in classes],
    )


def write_manifest(folder: Path, index: SourceIndex) -> None:
    """Publish ``manifest.parquet``, ``problems.csv``, ``files.csv`` and ``classes.json`` in ``folder``.

    Raises ArtifactError when the rows are not a manifest (columns, unique ids, splits, labels).
    """
    import pyarrow as pa

    _check(index.rows, "the index", len(index.classes))
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in MANIFEST_TYPES.items()])
    table = pa.Table.from_pandas(index.rows, schema=schema, preserve_index=False)
    publish_parquet(folder / "manifest.parquet", table)
    entries = list(index.problems.itertuples(index=False, name=None))
    problems = [row for row in entries if row[1] != FileOutcome.USED]
    notes = {path: reason for path, outcome, reason in entries if outcome == FileOutcome.USED}
    used = [(name, FileOutcome.USED.value, notes.get(name, "")) for name in index.rows["locator"]]
    _publish_files(folder / "problems.csv", problems)
    _publish_files(folder / "files.csv", sorted([*problems, *used]))
    write_classes(folder / "classes.json", index.classes)


def _publish_files(path: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    publish_text(path, csv_text([PROBLEM_COLUMNS, *([escape_formula(cell) for cell in row] for row in rows)]))


def read_files(path: Path) -> dict[str, tuple[str, str]]:
    """Return outcome and reason by path, of a ``files.csv`` or ``problems.csv``.

    Raises FileNotFoundError, and ArtifactError for another file.
    """
    header, *rows = read_csv(path, "delete it and index again") or [[]]
    if tuple(header) != PROBLEM_COLUMNS or any(len(row) != len(PROBLEM_COLUMNS) for row in rows):
        raise ArtifactError(f"{path} is not a list of files; delete it and index again")
    cells = ([unescape_formula(cell) for cell in row] for row in rows)
    return {name: (outcome, reason) for name, outcome, reason in cells}


def read_manifest(path: Path) -> pd.DataFrame:
    """Return the rows of a ``manifest.parquet``; label is Int64 with <NA> for unknown.

    Raises FileNotFoundError when it is missing and ArtifactError when it is no valid manifest.
    """
    import pyarrow as pa

    rows = read_parquet(path).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    _check_columns(rows, str(path))
    rows = rows.astype(_dtypes())
    _check(rows, str(path))
    return rows


def manifest_rows(rows: pd.DataFrame) -> Iterator[ManifestRow]:
    """Yield the rows of a manifest, in their order."""
    yield from cast("Iterable[ManifestRow]", rows.itertuples(index=False))


def _dtypes() -> dict[str, str]:
    integers = {"label": "Int64", "width": "int64", "height": "int64"}
    return {name: integers.get(name, "str") for name in MANIFEST_COLUMNS}


def _check_columns(rows: pd.DataFrame, origin: str) -> None:
    if tuple(rows.columns) != MANIFEST_COLUMNS:
        raise ArtifactError(
            f"{origin}: columns {list(rows.columns)} are not those of a manifest, {list(MANIFEST_COLUMNS)}; "
            "index the data set again"
        )


def _check(rows: pd.DataFrame, origin: str, classes: int | None = None) -> None:
    """Raise ArtifactError unless the rows are a valid manifest."""
    _check_columns(rows, origin)
    repeated = rows.loc[rows["sample_id"].duplicated(), "sample_id"]
    if len(repeated):
        raise ArtifactError(
            f"{origin}: sample_id {repeated.iloc[0]!r} occurs more than once; ids must be unique"
        )
    if unknown := sorted(set(rows["split"]) - set(SPLITS)):
        raise ArtifactError(f"{origin}: split {unknown[0]!r} is not one of {list(SPLITS)}")
    labels = rows["label"].dropna()
    if len(labels) and (labels.min() < 0 or (classes is not None and labels.max() >= classes)):
        raise ArtifactError(
            f"{origin}: labels {labels.min()}..{labels.max()} are not positions in {classes} classes"
        )
