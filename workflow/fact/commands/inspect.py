"""Tell in plain text what is in a file that the workflow wrote."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fact.commands.made_with import record_of_job
from fact.infra.errors import ConfigError
from fact.infra.process.printable import printable

if TYPE_CHECKING:
    import pandas as pd

MANY_CLASSES = 40
FIRST_ROWS = 5
# what a dataset holds in a file of a kind
MEANINGS = {
    ("maps", "features"): ": maps of crops, their levels one after the other",
    ("maps", "tokens"): ": masks of crops",
    ("patterns", "tokens"): ": semantic patterns of images",
}


def describe(path: Path | str, classes: Path | str | None = None) -> str:
    """Return features, a selection, record, checkpoint, head, manifest or table of scores in a few lines of
    text.

    ``classes`` is the ``classes.json`` of the dataset, to name the labels of a features file. A features
    file is read to its last byte: ``content hash: ok`` holds for all of it. Software, device and command of
    the job that wrote the file come last, where a record beside it tells.

    Raises FileNotFoundError, and ConfigError for a damaged file and for an unknown kind of file.
    """
    path = Path(path)
    kinds: dict[str, Callable[[Path], Iterable[str]]] = {
        ".h5": partial(_features, classes=classes),
        ".csv": _selection,
        ".json": _record,
        ".parquet": _table,
        ".safetensors": _tensors,
    }
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    if path.suffix not in kinds:
        raise ConfigError(
            f"{path}: cannot inspect a '{path.suffix}' file; known kinds are {', '.join(kinds)}"
        )
    lines = [str(path), *kinds[path.suffix](path), *_made_with(path)]
    return "\n".join(printable(line) for line in lines)


def _made_with(path: Path) -> Iterator[str]:
    """Yield what the job that wrote a file ran with, from the record beside it."""
    from fact.infra.files.record import read_record
    from fact.infra.process.made_by import lines_of

    if record := record_of_job(path):
        yield from lines_of(read_record(record))


def _features(path: Path, classes: Path | str | None) -> Iterator[str]:
    from fact.data.classes import read_classes
    from fact.features.checks import open_features
    from fact.features.store import read_features, verify_features

    verify_features(path)
    with open_features(path) as (file, attributes):
        for name, dataset in file.items():
            dtype = "text" if name == "sample_id" else dataset.dtype
            meaning = MEANINGS.get((attributes.get("kind", ""), name), "")
            yield f"/{name}: {dataset.shape} {dtype}, {_size(dataset.id.get_storage_size())}{meaning}"
    content = read_features(path, verify=False, tokens=False)
    yield f"content hash: ok ({attributes['content_sha256']})"
    yield from (f"{name}: {attributes[name]}" for name in attributes if name != "content_sha256")
    yield from _norms(content.features)
    yield from _histogram(content.labels, read_classes(Path(classes)) if classes else None)


def _norms(features: np.ndarray) -> Iterator[str]:
    """Return Euclidean norms of the rows, and what a selector would stumble over."""
    norms = np.linalg.norm(features, axis=1)
    yield f"norms: min {norms.min():.4g}, mean {norms.mean():.4g}, max {norms.max():.4g}"
    yield f"zero rows: {np.sum(norms == 0)}"
    yield f"constant columns: {np.sum(np.ptp(features, axis=0) == 0)} of {features.shape[1]}"


def _histogram(labels: np.ndarray, names: Sequence[str] | None) -> Iterator[str]:
    known = labels[labels >= 0]
    counts = Counter(known.tolist())
    yield f"labels: {len(known)} known, {len(labels) - len(known)} unknown, {len(counts)} classes"
    if names and known.size and known.max() >= len(names):
        raise ConfigError(
            f"label {known.max()} has no name: classes.json has {len(names)}; give this dataset's"
        )
    if len(counts) > MANY_CLASSES:
        per_class = sorted(counts.values())
        middle = per_class[len(per_class) // 2]
        yield f"samples per class: min {per_class[0]}, median {middle}, max {per_class[-1]}"
        return
    for label, count in sorted(counts.items()):
        yield f"  {names[label] if names else label}: {count}"


def _selection(path: Path) -> Iterator[str]:
    import pandas as pd

    from fact.data.selection_file import read_selection

    yield f"selection of {len(read_selection(path))} images"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    scores = pd.to_numeric(rows["score"], errors="coerce")
    yield f"scores: min {scores.min():.4g}, mean {scores.mean():.4g}, max {scores.max():.4g}"
    yield from _first(rows)


def _record(path: Path) -> Iterator[str]:
    from fact.infra.files.record import read_record
    from fact.infra.process.made_by import lines_of

    record = read_record(path)
    yield "content hash: ok"
    told = ("device", "made_by") if "made_by" in record else ()
    yield from (f"{name}: {_short(value)}" for name, value in sorted(record.items()) if name not in told)
    yield from lines_of(record)


def _tensors(path: Path) -> Iterator[str]:
    from fact.infra.files.tensors import read_tensors

    tensors, header = read_tensors(path)
    yield "content hash: ok"
    yield from (f"{name}: {_short(value)}" for name, value in sorted(header.items()))
    yield f"{len(tensors)} tensors, {sum(tensor.numel() for tensor in tensors.values())} values"
    for name, tensor in sorted(tensors.items()):
        yield f"/{name}: {tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _table(path: Path) -> Iterator[str]:
    from fact.infra.files.parquet import read_parquet

    rows = read_parquet(path).to_pandas()
    yield "content hash: ok"
    yield f"{len(rows)} rows, {len(rows.columns)} columns"
    for name in rows.columns:
        yield f"/{name}: {rows[name].dtype}, {rows[name].isna().sum()} missing"
    software = [name for name in rows.columns if name.startswith(("software.", "device."))]
    for name in ("split", "status", "label", *software):
        if name in rows and rows[name].nunique() <= MANY_CLASSES:
            counts = rows[name].value_counts().sort_index()
            yield f"{name}: " + ", ".join(f"{value} {count}" for value, count in counts.items())
    yield from _first(rows)


def _first(rows: "pd.DataFrame") -> Iterator[str]:
    yield f"first {min(FIRST_ROWS, len(rows))} rows:"
    yield from ("  " + line for line in rows.head(FIRST_ROWS).to_string(index=False).splitlines())


def _short(value: object) -> str:
    """Return a value in one short line: long lists and records by their lengths."""
    if isinstance(value, list | dict) and len(text := json.dumps(value, sort_keys=True)) > 100:
        return f"{len(value)} values, {text[:60]}…"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.1f} KiB"
