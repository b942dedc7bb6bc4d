"""Hugging Face's lists of images: ``metadata.jsonl`` and ``metadata.parquet``, a row per image.

Numbers are positions in the class label that a Parquet file declares, else names; -1 and null are no label.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fact.data.class_values import class_name
from fact.data.hub_features import label_column
from fact.data.image_names import NAME_COLUMNS
from fact.data.path_text import to_text
from fact.data.shard_rows import read_column, shard_schema
from fact.infra.errors import LabelError
from fact.project.labels.flat_record import LABELS, flat_vote
from fact.project.labels.vote import Vote

OTHERS = ("path", "sha256", "annotator", "updated_at")


def read_json_lines(path: Path) -> list[Vote]:
    """Return a vote for each line of JSON. Raises LabelError for a line that is none."""
    return _votes(path, _lines(path), names=None, place="line")


def read_parquet_rows(path: Path) -> list[Vote]:
    """Return a vote for each row.

    Raises FileNotFoundError, DataError for another file, and LabelError without a column that names images,
    or one of labels.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; give the file that the labels came back in")
    schema = shard_schema(path)
    label = next((name for name in LABELS if name in schema.names), None)
    label, names = label_column(schema, label, str(path))
    if label is None or not set(NAME_COLUMNS) & set(schema.names):
        raise LabelError(
            f"{path} has the columns {schema.names}; a table of labels has {NAME_COLUMNS[2]} and {LABELS[1]}"
        )
    columns = {name: read_column(path, name) for name in schema.names if name in {*NAME_COLUMNS, *OTHERS}}
    columns[LABELS[0]] = read_column(path, label)
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return _votes(path, enumerate(rows, 1), names=names, place="row")


def _votes(
    path: Path, rows: Iterator[tuple[int, dict]], names: Sequence[str] | None, place: str
) -> list[Vote]:
    source, votes = to_text(path.name), []
    for number, record in rows:
        origin = f"{source}, {place} {number}"
        votes.append(flat_vote(_named(record, names, origin), origin, source))
    return votes


def _named(record: Mapping[str, object], names: Sequence[str] | None, origin: str) -> dict[str, object]:
    """Return a record whose numbers for classes are names."""
    numbers = {
        key: class_name(record[key], names, origin)
        for key in LABELS
        if isinstance(record.get(key), int | float)
    }
    return {**record, **numbers}


def _lines(path: Path) -> Iterator[tuple[int, dict]]:
    # only line feeds end a line: a name may hold other signs that Python takes for ends
    for number, line in enumerate(path.read_text("utf-8-sig").split("\n"), start=1):
        try:
            record = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise LabelError(f"{path}, line {number} is no JSON ({error}); export it again") from error
        if isinstance(record, dict):
            yield number, record
