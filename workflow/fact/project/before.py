"""Images that were labelled before this round: ``sample_id, label``, the workflow's ``already_labelled``."""

from collections.abc import Mapping
from pathlib import Path

from fact.data.labels_file import COLUMNS, read_labels
from fact.data.selection_file import read_already_labelled
from fact.infra.errors import LabelError
from fact.infra.files.csv_file import csv_text, read_csv
from fact.infra.files.publish import publish_text
from fact.project.labels.sheet import read_sheet, sheet_columns


def gather_labelled(path: Path) -> dict[str, str]:
    """Labels by sample id of a ``labels.csv``, a sheet that was filled in, or a list without labels (empty).

    Rows of a sheet that are not filled in are left out. Raises FileNotFoundError, and LabelError for a file
    that is none of these.
    """
    if path.with_suffix(".json").is_file():
        return read_labels(path)
    if "label" not in sheet_columns(path):
        return dict.fromkeys(read_already_labelled(path), "")
    labels = {vote.sample_id: vote.choices[0] for vote in read_sheet(path) if vote.choices}
    if not labels:
        raise LabelError(f"{path} labels no image; fill in its column label, or leave the file out")
    return labels


def write_before(path: Path, labels: Mapping[str, str]) -> None:
    """Publish the list; a label may be empty where it is not known here."""
    publish_text(path, csv_text([COLUMNS, *map(list, labels.items())]))


def read_before(path: Path | None) -> dict[str, str]:
    """Known labels by sample id of such a list; none for None, or a list without labels."""
    if path is None:
        return {}
    header, *rows = read_csv(path, "mend the file") or [[]]
    if not {"sample_id", "label"} <= set(header):
        return {}
    columns = header.index("sample_id"), header.index("label")
    cells = ([row[column] if column < len(row) else "" for column in columns] for row in rows)
    return {sample_id: label for sample_id, label in cells if label}
