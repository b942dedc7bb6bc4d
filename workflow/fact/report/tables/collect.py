"""Collect score files in one frame: one row per score, every setting a column."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from fact.config.paths import Cell
from fact.infra.errors import ArtifactError
from fact.infra.fields import Settings
from fact.infra.files.parquet import publish_parquet, read_parquet
from fact.infra.files.record import read_record
from fact.infra.process.made_by import versions_of
from fact.infra.process.timing import training_seconds

SCORES = ("top1_last", "top1_best_test", "mean_class_accuracy", "miou_last", "macc_last", "aacc_last")
"""What the tasks measure, by the keys of score.json."""

SEPARATOR = "; "
"""Between the devices, or the versions, of several jobs of one score."""


def collect(cells: Iterable[Settings]) -> pd.DataFrame:
    """Return one row per cell: its names, then what its score file says.

    ``cells`` hold ``dataset, backbone, selector, budget, seed, method`` and ``path``; timing.json lies beside
    the score. Columns of the record: those of :data:`SCORES` that its task has (0..1), parameters, seconds by
    phase, and ``setting.…`` as JSON texts. ``tuned``, the score file of phase 2, and ``stages``, the timing
    file of each stage, may be among what a cell holds; they give ``tuned_parameters.…``,
    ``training_seconds.…``, ``device.…`` of each stage and ``software.…``, the versions of the stages' jobs.
    Raises FileNotFoundError for a missing score file and ArtifactError for one that is no score record.
    """
    frame = pd.DataFrame([_row(cell) for cell in cells])
    # a float also when no cell has a history, so that NaN always means none
    return frame.astype({"top1_best_test": float}) if "top1_best_test" in frame else frame


def write_scores(path: Path, scores: pd.DataFrame) -> None:
    """Publish the frame as parquet."""
    publish_parquet(path, pa.Table.from_pandas(scores, preserve_index=False))


def read_scores(path: Path) -> pd.DataFrame:
    """Return the frame of :func:`write_scores`. Raises ArtifactError for a damaged file."""
    return read_parquet(path).to_pandas()


def _row(cell: Settings) -> Settings:
    path = Path(cell["path"])
    record = _read(path, {"setting", "test_images"})
    timing = _read(path.with_name("timing.json"), {"seconds", "peak_memory_mb"})
    names = {key: cell[key] for key in (*Cell._fields, "method", "path")}
    scores = {key: record[key] for key in (*SCORES, "test_images") if key in record}
    if len(scores) < 2:
        raise ArtifactError(f"{path} has none of {', '.join(SCORES)}; delete it and run again")
    return {
        **names,
        **scores,
        **{f"parameters.{key}": value for key, value in record["parameters"].items()},
        **_tuned(cell.get("tuned")),
        **_stages(cell.get("stages", {})),
        **{f"seconds.{key}": value for key, value in timing["seconds"].items()},
        **{f"peak_memory_mb.{key}": value for key, value in timing["peak_memory_mb"].items()},
        **{
            f"setting.{key}": json.dumps(value)
            for key, value in record["setting"].items()
            if key not in names
        },
        **{f"details.{key}": json.dumps(value) for key, value in record["details"].items()},
    }


def _tuned(path: str | None) -> Mapping[str, int]:
    """Return parameters that phase 2 trains, of all of the backbone's and its head's."""
    if path is None:
        return {}
    counts = _read(Path(path), {"parameters"})["parameters"]
    return {f"tuned_parameters.{key}": counts[key] for key in ("trainable", "total")}


def _stages(files: Mapping[str, str]) -> Settings:
    return job_columns({stage: _read(Path(path), {"seconds"}) for stage, path in files.items()})


def job_columns(timings: Mapping[str, Settings]) -> Settings:
    """Return what the timing records behind a score tell, by stage: seconds, on what, with which versions."""
    seconds = {
        f"training_seconds.{stage}": training_seconds(result["seconds"]) for stage, result in timings.items()
    }
    devices = dict.fromkeys(result.get("device", "unknown device") for result in timings.values())
    on = {f"device.{stage}": result["device"] for stage, result in timings.items() if "device" in result}
    return {**seconds, "devices": SEPARATOR.join(devices), **on, **_software(timings.values())}


def _software(timings: Iterable[Settings]) -> dict[str, str]:
    """Return versions by library: of several among the jobs of one score, all of them."""
    known = [versions_of(timing) for timing in timings]
    names = dict.fromkeys(name for versions in known for name in versions)
    found = {name: {versions[name]: None for versions in known if name in versions} for name in names}
    return {f"software.{name}": SEPARATOR.join(numbers) for name, numbers in found.items()}


def _read(path: Path, needed: set[str]) -> Settings:
    record = read_record(path)
    if missing := needed - set(record):
        raise ArtifactError(
            f"{path} is no score or timing: it has no {min(missing)}; delete it and run again"
        )
    return record
