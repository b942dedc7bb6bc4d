"""Tell what a file or folder of the results is, what made it, what depends on it, and what is in it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fact.commands.inspection.artifacts import Found, dependents, find
from fact.commands.inspection.entry import Entry, as_json, as_text, size_text
from fact.commands.inspection.features import features_entries
from fact.commands.inspection.folder import folder_entries
from fact.commands.inspection.records import json_entries, record_entries
from fact.commands.inspection.tables import csv_entries, is_selection, parquet_entries, selection_entries
from fact.commands.inspection.tensors import tensors_entries
from fact.commands.made_with import record_of_job

SHOWN_DEPENDENTS = 5


def describe(path: Path | str, classes: Path | str | None = None, *, json: bool = False) -> str:
    """Return what a file or folder is, as text or as JSON.

    ``classes`` is the ``classes.json`` that names the labels of a features file, by default its dataset's. A
    features file is read to its last byte: ``content hash: ok`` holds for all of it. Software, device and
    command of the job that wrote the file come last, where a record beside it tells.

    Raises FileNotFoundError, and FactError for a damaged file.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    entries = list(_entries(path, Path(classes) if classes else None))
    return as_json(entries) if json else as_text(entries)


def class_names(path: Path, classes: Path | None = None) -> list[str] | None:
    """Return the names of the classes: of a file that is given, else of the dataset that a path names."""
    from fact.data.classes import read_classes

    found = find(path)
    if classes is None and found and "dataset" in found.names:
        own = found.root / "datasets" / found.names["dataset"] / "classes.json"
        classes = own if own.is_file() else None
    return read_classes(classes) if classes else None


def _entries(path: Path, classes: Path | None) -> Iterator[Entry]:
    yield Entry("path", str(path), str(path))
    found = find(path)
    if found:
        yield from _place(found)
    if path.is_dir():
        yield from folder_entries(path)
        return
    yield from _content(path, classes)
    if found and (files := list(dependents(found))):
        yield _used_in(files)
    yield from _made_with(path)


def _place(found: Found) -> Iterator[Entry]:
    """Yield what a file is by its place, the rule that makes it, and the rules that read it."""
    names = ", ".join(f"{name} {value}" for name, value in found.names.items())
    what = found.artifact.what
    yield Entry("what", {"kind": what, **found.names}, f"what: {what}{f' ({names})' if names else ''}")
    yield Entry("made by rule", found.artifact.rule)
    if found.artifact.used_by:
        yield Entry(
            "read by rules",
            list(found.artifact.used_by),
            f"read by rules: {', '.join(found.artifact.used_by)}",
        )


def _content(path: Path, classes: Path | None) -> Iterator[Entry]:
    """Yield what stands in a file, by its ending; of other files their size."""
    if path.suffix == ".h5":
        yield from features_entries(path, class_names(path, classes))
    elif path.suffix == ".csv":
        yield from (selection_entries if is_selection(path) else csv_entries)(path)
    elif path.suffix == ".parquet":
        yield from parquet_entries(path)
    elif path.suffix == ".safetensors":
        yield from tensors_entries(path)
    elif path.suffix == ".json":
        yield from (record_entries if has_checksum(path) else json_entries)(path)
    else:
        yield Entry("bytes", path.stat().st_size, f"{size_text(path.stat().st_size)}")


def has_checksum(path: Path) -> bool:
    """Return whether a JSON file is a record, which carries a checksum of its own."""
    from fact.infra.files.checksum import CHECKSUM

    return f'"{CHECKSUM}"' in path.read_text("utf-8", "replace")


def _used_in(files: Sequence[Path]) -> Entry:
    shown = [f"  {file}" for file in files[:SHOWN_DEPENDENTS]]
    more = [f"  and {len(files) - SHOWN_DEPENDENTS} more"] if len(files) > SHOWN_DEPENDENTS else []
    head = f"made from it or its like: {len(files)} files that are there"
    return Entry("dependents", list(map(str, files)), "\n".join([head, *shown, *more]))


def _made_with(path: Path) -> Iterator[Entry]:
    """Yield what the job that wrote a file ran with, from the record beside it."""
    from fact.infra.files.record import read_record
    from fact.infra.process.made_by import lines_of

    if record := record_of_job(path):
        content = read_record(record)
        yield Entry("made_by", content.get("made_by"), "\n".join(lines_of(content)))
