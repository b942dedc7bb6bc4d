"""The selection as a file: ``rank, sample_id, path, score``, which a human can read, cut and label from."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fact.infra.errors import ArtifactError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish_text
from fact.infra.files.record import publish_record, read_record

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["rank", "sample_id", "path", "score"]
CHECKSUM = "sample_ids_sha256"
SELECT_AGAIN = "delete the file and select again"


def write_selection(
    path: Path, rows: "pd.DataFrame", scores: list[float], about: Mapping[str, object] | None = None
) -> None:
    """Publish the chosen manifest rows, in pick order, with the selector's scores.

    A record beside it (``.json``) holds the list's checksum and ``about`` (plain JSON): how it was chosen.
    """
    chosen = zip(rows["sample_id"], rows["locator"], scores, strict=True)
    lines = [
        [str(rank), sample_id, locator, f"{score:.6g}"]
        for rank, (sample_id, locator, score) in enumerate(chosen, start=1)
    ]
    publish_record(path.with_suffix(".json"), {**(about or {}), CHECKSUM: _sha256(list(rows["sample_id"]))})
    publish_text(path, csv_text([COLUMNS, *lines]))


def read_selection(path: Path) -> list[str]:
    """Sample ids of a selection, in pick order. Raises what :func:`read_chosen_paths` does."""
    return list(read_chosen_paths(path))


def read_chosen_paths(path: Path) -> dict[str, str]:
    """Paths of a selection's images by sample id, in pick order, as :mod:`fact.data.path_text` writes them.

    Raises FileNotFoundError, and ArtifactError for a file of another kind, without images, with repeated
    ids, or other than its record says. A list of one's own, without a record, is taken as it is.
    """
    header, *lines = read_csv(path, SELECT_AGAIN) or [[]]
    if header != COLUMNS:
        raise ArtifactError(f"{path} is not a selection: its columns are {header}, not {COLUMNS}")
    if wrong := [number for number, line in enumerate(lines, start=1) if len(line) != len(COLUMNS)]:
        raise ArtifactError(f"{path}: row {wrong[0]} has not {len(COLUMNS)} cells; {SELECT_AGAIN}")
    ids, paths = ([line[COLUMNS.index(name)] for line in lines] for name in ("sample_id", "path"))
    _check_ids(path, ids, SELECT_AGAIN)
    _check_record(path, ids)
    return dict(zip(ids, paths, strict=True))


def read_already_labelled(path: Path) -> list[str]:
    """Sample ids of images that were labelled before: a selection, or any CSV with a column ``sample_id``.

    Raises FileNotFoundError, and ArtifactError for a file without that column, without images or with one
    twice.
    """
    header, *lines = read_csv(path, "mend the file") or [[]]
    if "sample_id" not in header:
        raise ArtifactError(f"{path} has the columns {header}; a list of labelled images has sample_id")
    column = header.index("sample_id")
    ids = [line[column] for line in lines if len(line) > column]
    _check_ids(path, ids, "mend the file")
    return ids


def chosen_rows(frame: "pd.DataFrame", sample_ids: list[str], path: Path) -> "pd.DataFrame":
    """Return the manifest rows of the chosen ids, in pick order.

    Raises ArtifactError for an id that is not in it.
    """
    indexed = frame.set_index("sample_id", drop=False)
    missing = [sample_id for sample_id in sample_ids if sample_id not in indexed.index]
    if missing:
        raise ArtifactError(f"{path} names {missing[0]}, which is not in the manifest; {SELECT_AGAIN}")
    return indexed.loc[sample_ids].reset_index(drop=True)


def _check_ids(path: Path, ids: list[str], remedy: str) -> None:
    if not ids:
        raise ArtifactError(f"{path} names no image; {remedy}")
    repeated, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise ArtifactError(f"{path} names {repeated} twice; {remedy}")


def _check_record(path: Path, ids: list[str]) -> None:
    record = Path(path).with_suffix(".json")
    if record.is_file() and read_record(record).get(CHECKSUM) != _sha256(ids):
        raise ArtifactError(
            f"{path} was damaged or edited: it is not the list that {record.name} describes; "
            "delete both and select again"
        )


def _sha256(ids: list[str]) -> str:
    """Of the ids alone: a spreadsheet that saves the file may write numbers and line ends its own way."""
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()
