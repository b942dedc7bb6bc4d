"""Images in folders with a list of their labels: ``metadata.csv``, ``.jsonl`` or ``.parquet``.

The layout is ``imagefolder`` of Hugging Face (huggingface.co/docs/datasets/image_dataset): ``file_name`` is
relative to the folder of the list, and a folder on the way to the image tells the split.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fact.data.class_values import class_name, class_order
from fact.data.folder_layout import Candidate, Layout
from fact.data.hub_features import label_column as declared_label
from fact.data.labelled_test import with_labelled_test
from fact.data.path_text import to_path
from fact.data.shard_rows import read_column, shard_schema
from fact.data.split_names import UNNAMED, WORDS, Wanted, canonical, require_splits
from fact.data.walk import walk_images
from fact.infra.errors import DataError
from fact.infra.files.csv_file import read_csv

METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
FILE_NAME, LABEL = "file_name", "label"
UNLISTED = f"not listed in {METADATA[0]} or its like"


class Table(NamedTuple):
    """A list: its rows, its columns, the column of labels, and the names that numbers in it stand for."""

    rows: Sequence[Mapping[str, object]]
    columns: Sequence[str]
    label: str
    names: Sequence[str] | None


def read_metadata(root: Path, lists: Sequence[str], wanted: Wanted) -> Layout:
    """Return the layout of the images that the ``lists``, paths below ``root``, name.

    The column of images is ``file_name`` and that of labels ``label``, where ``wanted`` names no other.
    Images that no list names are problems, and so is one that has two labels. Raises DataError for a list
    that cannot be read, a column or split that is not there, and a path that leaves the root.
    """
    tables = {path: _read_table(root / path, wanted) for path in lists}
    names = next((table.names for table in tables.values() if table.names is not None), None)
    labels: dict[str, set[str | None]] = defaultdict(set)
    for path, table in tables.items():
        for image, label in _labels(root, path, table, wanted.image_column or FILE_NAME):
            labels[image].add(label)
    splits = _splits(labels, wanted)
    require_splits(root, sorted(set(splits.values())), wanted.splits)
    chosen = wanted.splits.by_split()
    used = {
        path: chosen[split] for path, split in splits.items() if split in chosen and len(labels[path]) == 1
    }
    candidates = [Candidate(path, split, *labels[path]) for path, split in used.items()]
    known = (entry.class_name for entry in candidates if entry.class_name is not None)
    classes = class_order(known, names, str(root))
    problems = [*_left_out(labels, used), *_unlisted(root, labels, lists)]
    return with_labelled_test(root, Layout(sorted(candidates), classes, sorted(problems)))


def _labels(root: Path, path: str, table: Table, image_column: str) -> Iterator[tuple[str, str | None]]:
    """Yield the path below the root and the class of each image in a list."""
    place = PurePosixPath(path).parent
    for number, row in enumerate(table.rows, 1):
        origin = f"{root / path}, row {number}"
        image = _inside(place, row.get(image_column), origin)
        yield image, class_name(row.get(table.label), table.names, origin)


def _splits(paths: Mapping[str, object], wanted: Wanted) -> dict[str, str]:
    """Return the split of each image: the first folder on its way that is called like one."""
    known = {*WORDS, *wanted.splits.by_split()}
    told = {
        path: next((name for name in map(canonical, PurePosixPath(path).parts[:-1]) if name in known), None)
        for path in paths
    }
    unnamed = "" if any(told.values()) else UNNAMED
    return {path: split or unnamed for path, split in told.items()}


def _left_out(labels: Mapping[str, set[str | None]], used: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, classes in labels.items():
        if len(classes) > 1:
            yield path, f"listed with several labels: {', '.join(sorted(map(str, classes)))}"
        elif path not in used:
            yield path, "not read: of another split"


def _unlisted(root: Path, labels: Mapping[str, object], lists: Sequence[str]) -> list[tuple[str, str]]:
    images, others = walk_images(root)
    unlisted = [(path, UNLISTED) for path in images if path not in labels]
    return [*unlisted, *(problem for problem in others if problem[0] not in lists)]


def _read_table(file: Path, wanted: Wanted) -> Table:
    """Return a list. Raises DataError without its column of images, or one that the options name."""
    names: Sequence[str] | None = None
    label: str | None = wanted.label_column
    if file.suffix == ".parquet":
        schema = shard_schema(file)
        label, names = declared_label(schema, label, str(file))
        columns = schema.names
        rows = _parquet_rows(
            file, [name for name in (wanted.image_column or FILE_NAME, label or LABEL) if name in columns]
        )
    else:
        rows = list(_csv_rows(file) if file.suffix == ".csv" else _json_rows(file))
        columns = sorted({name for row in rows for name in row})
    for option in ("image_column", "label_column"):
        name = getattr(wanted, option) or (FILE_NAME if option == "image_column" else None)
        if name is not None and name not in columns:
            raise DataError(f"{file} has no column {name!r}, only {', '.join(columns)}; set options.{option}")
    return Table(rows, columns, label or LABEL, names)


def _parquet_rows(file: Path, columns: Sequence[str]) -> list[dict]:
    values = [read_column(file, name) for name in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _csv_rows(file: Path) -> Iterator[dict]:
    header, *rows = read_csv(file, "save it as CSV UTF-8") or [[]]
    for number, cells in enumerate(rows, 1):
        if len(cells) != len(header):
            counts = f"{len(cells)} cells for {len(header)} columns"
            raise DataError(f"{file}, row {number}: {counts}; quote cells with a comma")
        yield dict(zip(header, cells, strict=True))


def _json_rows(file: Path) -> Iterator[dict]:
    try:
        # only line feeds end a line: a name may hold other signs that Python takes for ends
        lines = [line for line in file.read_text("utf-8-sig").split("\n") if line.strip()]
        rows = [json.loads(line) for line in lines]
    except ValueError as error:
        raise DataError(f"{file} cannot be read as lines of JSON ({error}); write it again") from error
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"{file}, row {number} is no JSON object; write it again")
        yield row


def _inside(place: PurePosixPath, name: object, origin: str) -> str:
    """Return the path of an image below the root.

    Raises DataError for one that is none or leads out of it.
    """
    path = PurePosixPath(to_path(name)) if isinstance(name, str) and name.strip() else None
    if path is None or path.is_absolute() or ".." in path.parts:
        raise DataError(f"{origin}: {name!r} is no path of an image below the list; mend it")
    return str(place / path)
