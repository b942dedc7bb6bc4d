"""Which of the declared datasets are there, and whether they are what they should be."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from fact.config.budget import budget_size
from fact.data.contract import build_index, check_files, expected_counts, load_source
from fact.data.manifest import Counts, SourceIndex, read_manifest
from fact.infra.errors import DataError
from fact.infra.files.record import read_record

LIMITS = ("pool_limit", "test_limit")


class Checked(NamedTuple):
    """What was found of a dataset; ``said`` is what it holds, or what is wrong and the remedy."""

    name: str
    status: Literal["ok", "absent", "damaged"]
    said: str


def check_dataset(name: str, entry: Mapping, results: Path, workers: int = 1) -> Checked:
    """Index the whole of a declared dataset, whatever its limits, and compare it.

    Compared are: the files with their published checksums where there are any, the numbers of classes and
    images with the published ones, the budgets with the pool, and every image with the manifest where the
    dataset was indexed before.
    """
    source = load_source(entry["source"])
    record = results / "sources" / name / "source.json"
    root = entry["root"]
    if root is None and hasattr(source, "download"):
        if not record.is_file():
            return Checked(name, "absent", f"not fetched yet; run `fact data get {name}`")
        root = read_record(record)["root"]
    try:
        check_files(source, root)
        index = build_index(source, root and Path(root), _unlimited(entry["options"]), workers=workers)
        _compare(name, entry, index, expected=expected_counts(source, entry["options"]))
        _compare_with_manifest(index.rows, results / "datasets" / name / "manifest.parquet")
    except (FileNotFoundError, ValueError) as error:
        absent = isinstance(error, FileNotFoundError) and (root is None or not Path(root).is_dir())
        return Checked(name, "absent" if absent else "damaged", " ".join(str(error).split()))
    return Checked(name, "ok", _describe(index))


def _unlimited(options: Mapping) -> dict:
    return {key: value for key, value in options.items() if key not in LIMITS}


def _compare(name: str, entry: Mapping, index: SourceIndex, expected: Counts | None) -> None:
    result = _counts(index)
    if expected is not None and result != expected:
        raise DataError(f"found {_sizes(result)} instead of {_sizes(expected)}{_first_problems(index)}")
    pool = min(result.pool, entry["options"].get("pool_limit") or result.pool)
    for budget in entry["budgets"]:
        try:
            budget_size(budget, pool)
        except ValueError as error:
            raise DataError(f"datasets.{name}.budgets: {error}") from error


def _compare_with_manifest(rows: pd.DataFrame, path: Path) -> None:
    if not path.is_file():
        return
    remedy = f"restore the image, or delete {path} to index again"
    result = dict(zip(rows["sample_id"], rows["sha256"], strict=True))
    for sample, sha256 in read_manifest(path)[["sample_id", "sha256"]].itertuples(index=False):
        if sample not in result:
            raise DataError(f"{sample} was indexed and is not there any more; {remedy}")
        if result[sample] != sha256:
            raise DataError(f"{sample} is not the image that was indexed; {remedy}")


def _counts(index: SourceIndex) -> Counts:
    sizes = index.rows["split"].value_counts()
    return Counts(len(index.classes), int(sizes.get("pool", 0)), int(sizes.get("test", 0)))


def _sizes(counts: Counts) -> str:
    return f"{counts.pool:,} pool and {counts.test:,} test images of {counts.classes:,} classes"


def _describe(index: SourceIndex) -> str:
    names = ", ".join(islice(index.classes, 3)) + (", …" if len(index.classes) > 3 else "")
    return _sizes(_counts(index)) + (f" ({names})" if names else "") + _first_problems(index)


def _first_problems(index: SourceIndex) -> str:
    if index.problems.empty:
        return ""
    first = [f"{row.path}: {row.reason}" for row in index.problems.head(3).itertuples()]
    return f"; {len(index.problems):,} problems, first {'; '.join(first)}"
