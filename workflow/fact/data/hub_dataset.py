"""Read splits and classes of a Hugging Face dataset that lies in a folder.

- Parquet or Arrow shards, whose names tell their split (:mod:`fact.data.split_names`), as the Hub has them;
- a folder that ``datasets`` wrote with ``save_to_disk``: ``dataset_dict.json`` with a folder per split, or
  one split alone, each with ``state.json`` that lists its Arrow files;
- images with ``metadata.csv``, ``metadata.jsonl`` or ``metadata.parquet`` (:mod:`fact.data.hub_metadata`).

No image is opened here, and the library ``datasets`` is not needed: pyarrow reads all of these.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fact.data.class_values import class_name, class_order
from fact.data.folder_layout import Candidate, Layout
from fact.data.hub_features import Columns, read_columns
from fact.data.hub_metadata import METADATA, read_metadata
from fact.data.labelled_test import with_labelled_test
from fact.data.shard_rows import SUFFIXES, read_column, row_path, shard_length, shard_schema
from fact.data.split_names import SplitNames, Wanted, by_split, canonical, missing_shards, require_splits
from fact.data.walk import visible_files
from fact.infra.errors import DataError

SAVED, STATE = "dataset_dict.json", "state.json"


class Rows(NamedTuple):
    """A shard of a chosen split: path below the root, ``pool`` or ``test``, and the labels of its rows."""

    shard: str
    split: str
    columns: Columns
    labels: list[str | None]


def read_hub_dataset(root: Path, wanted: Wanted) -> Layout:
    """Return the layout of ``root``: a candidate for each row, or each image that a metadata file lists.

    Raises FileNotFoundError for a folder that is none of these, and DataError for a split or a column that is
    not there, for shards of two datasets, and for a damaged file.
    """
    if (root / SAVED).is_file() or (root / STATE).is_file():
        return _read_shards(root, _saved_splits(root), wanted, others=[])
    paths = visible_files(root)
    shards = [path for path in paths if path.endswith(SUFFIXES) and not _is_metadata(path)]
    if shards:
        found = by_split(shards)
        _refuse_two_datasets(root, found, wanted.splits)
        named = {path for split in found.values() for path in split}
        beside = [(path, "of no known split") for path in shards if path not in named]
        return _read_shards(root, found, wanted, others=beside)
    if lists := [path for path in paths if _is_metadata(path)]:
        return read_metadata(root, lists, wanted)
    raise FileNotFoundError(
        f"{root} holds no .parquet, no .arrow, no {SAVED} and no {METADATA[0]}; set datasets.<name>.root "
        "to a dataset of the Hugging Face Hub, or use source: image_folder for class folders"
    )


def _is_metadata(path: str) -> bool:
    return PurePosixPath(path).name in METADATA


def _saved_splits(root: Path) -> dict[str, list[str]]:
    """Return the Arrow files of each split that ``save_to_disk`` wrote, in their order."""
    if not (root / SAVED).is_file():
        name = _read_json(root / STATE).get("_split")
        return {canonical(name or "train"): _state_files(root, "")}
    splits = _read_json(root / SAVED).get("splits")
    if not isinstance(splits, list) or not all(isinstance(name, str) for name in splits):
        raise DataError(f"{root / SAVED} names no splits; save the dataset again")
    return {canonical(name): _state_files(root, f"{name}/") for name in splits}


def _state_files(root: Path, place: str) -> list[str]:
    path = root / place / STATE
    state = _read_json(path)
    if state.get("_indices_data_files"):
        raise DataError(f"{path} picks rows by a list of indices; call flatten_indices() and save it again")
    try:
        return [place + str(file["filename"]) for file in state["_data_files"]]
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} lists no Arrow files ({error!r}); save the dataset again") from error


def _read_json(path: Path) -> Mapping:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON ({error}); save the dataset again") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no JSON object; save the dataset again")
    return content


def _refuse_two_datasets(root: Path, found: Mapping[str, Sequence[str]], names: SplitNames) -> None:
    """Raise DataError where shards of the chosen splits lie in folders of several datasets."""
    places = sorted(
        {_place(path) for split in names.by_split() for path in found.get(split, [])},
    )
    if len(places) > 1:
        shown = ", ".join(place or "." for place in places[:3])
        raise DataError(f"{root} holds shards of several datasets, in {shown}; set the root to one of them")


def _place(path: str) -> str:
    """Return the folder of a shard, without a last one of a split's name (``default/train/0000.parquet``)."""
    folder = PurePosixPath(path).parent
    inner = canonical(folder.name) in ("train", "validation", "test")
    return str(folder.parent if inner else folder).removeprefix(".")


def _read_shards(
    root: Path, found: Mapping[str, Sequence[str]], wanted: Wanted, others: Sequence[tuple[str, str]]
) -> Layout:
    require_splits(root, list(found), wanted.splits)
    chosen = wanted.splits.by_split()
    problems = [*others]
    for split, shards in found.items():
        if split not in chosen:
            problems += [(shard, f"not read: the split {split}") for shard in shards]
        else:
            problems += [(shard, "missing") for shard in missing_shards(shards)]
    rows = [_read_rows(root, shard, own, wanted) for split, own in chosen.items() for shard in found[split]]
    classes = _classes(root, rows)
    candidates = [
        Candidate(row_path(part.shard, part.columns.image, row), part.split, label)
        for part in rows
        for row, label in enumerate(part.labels)
    ]
    return with_labelled_test(root, Layout(candidates, classes, problems))


def _read_rows(root: Path, shard: str, split: str, wanted: Wanted) -> Rows:
    path = root / shard
    columns = read_columns(shard_schema(path), wanted.image_column, wanted.label_column, str(path))
    if columns.label is None:
        return Rows(shard, split, columns, [None] * shard_length(path))
    values = read_column(path, columns.label)
    labels = [
        class_name(value, columns.names, f"{path}, row {row}, column {columns.label}")
        for row, value in enumerate(values)
    ]
    return Rows(shard, split, columns, labels)


def _classes(root: Path, rows: Sequence[Rows]) -> list[str]:
    """Return the classes of all shards, which must agree on them."""
    declared = {part.columns.names: part.shard for part in rows}
    if len(declared) > 1:
        first, second = list(declared.values())[:2]
        raise DataError(f"{root}: {first} and {second} declare different classes; fetch them again")
    found = (label for part in rows for label in part.labels if label is not None)
    return class_order(found, next(iter(declared), None), str(root))
