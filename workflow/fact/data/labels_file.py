"""The labels as a file: ``sample_id, label``, what the workflow trains on."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from fact.infra.errors import LabelError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish_text
from fact.infra.files.record import publish_record, read_record

COLUMNS = ["sample_id", "label"]
CHECKSUM = "labels_sha256"


def write_labels(path: Path, labels: Mapping[str, str], about: Mapping[str, object] | None = None) -> None:
    """Publish class names by sample id, in their order.

    A record beside it (``.json``) holds the list's checksum and ``about`` (plain JSON): where it came from.
    """
    rows = [[sample_id, label] for sample_id, label in labels.items()]
    publish_record(path.with_suffix(".json"), {**(about or {}), CHECKSUM: _sha256(rows)})
    publish_text(path, csv_text([COLUMNS, *rows]))


def read_labels(path: Path) -> dict[str, str]:
    """Class names by sample id, in the file's order.

    Raises FileNotFoundError, and LabelError for a file of another kind, without labels, with an id twice, or
    other than its record says. A list of one's own, without a record, is taken as it is.
    """
    header, *rows = read_csv(path, "save it as CSV UTF-8, or import the labels again") or [[]]
    if header != COLUMNS:
        raise LabelError(f"{path} has the columns {header}, not {COLUMNS}; make it with `fact labels import`")
    if wrong := [number for number, row in enumerate(rows, 1) if len(row) != len(COLUMNS) or not all(row)]:
        raise LabelError(f"{path}: row {wrong[0]} is no sample id with a label; import the labels again")
    if not rows:
        raise LabelError(f"{path} holds no label; import the labels again")
    repeated, times = Counter(sample_id for sample_id, _ in rows).most_common(1)[0]
    if times > 1:
        raise LabelError(f"{path} labels {repeated} twice; keep one")
    _check_record(path, rows)
    return dict(rows)


def _check_record(path: Path, rows: list[list[str]]) -> None:
    record = path.with_suffix(".json")
    if record.is_file() and read_record(record).get(CHECKSUM) != _sha256(rows):
        raise LabelError(
            f"{path} was damaged or edited: it is not the list that {record.name} describes; import the "
            f"labels again, or delete {record.name} to keep your edit"
        )


def _sha256(rows: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
