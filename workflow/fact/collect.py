"""Score files to one tidy frame: a row a score, every setting a column."""

import json
from pathlib import Path

import pandas as pd

from fact.publish import publish


def collect(cells: list[dict]) -> pd.DataFrame:
    """A row for each cell: dataset, backbone, selector, budget, seed, method, then what its score file says.

    ``cells`` hold these names and ``path``. Columns of the record: ``top1_last``, ``top1_best_test``,
    ``mean_class_accuracy`` (0..1), parameters, seconds by phase, and ``setting.…`` as JSON texts.
    Raises FileNotFoundError for a missing score file and ValueError for one that is no score record.
    """
    # a float also when no cell has a history, so that NaN always means none
    return pd.DataFrame([_row(cell) for cell in cells]).astype({"top1_best_test": float})


def write_scores(path: Path, scores: pd.DataFrame) -> None:
    """Publish the frame as parquet."""
    with publish(path) as temporary:
        scores.to_parquet(temporary, index=False)


def _row(cell: dict) -> dict:
    record = _read_record(Path(cell["path"]))
    names = {
        key: cell[key] for key in ("dataset", "backbone", "selector", "budget", "seed", "method", "path")
    }
    scores = {
        key: record[key] for key in ("top1_last", "top1_best_test", "mean_class_accuracy", "test_images")
    }
    resources = record["resources"]
    return {
        **names,
        **scores,
        **{f"parameters.{key}": value for key, value in record["parameters"].items()},
        **{f"seconds.{key}": value for key, value in resources["seconds"].items()},
        **{f"peak_memory_mb.{key}": value for key, value in resources["peak_memory_mb"].items()},
        **{
            f"setting.{key}": json.dumps(value)
            for key, value in record["setting"].items()
            if key not in names
        },
        **{f"details.{key}": json.dumps(value) for key, value in record["details"].items()},
    }


def _read_record(path: Path) -> dict:
    try:
        record = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}); delete it and run again") from error
    if missing := {"top1_last", "setting", "resources"} - set(record):
        raise ValueError(f"{path} is not a score record: it has no {min(missing)}; delete it and run again")
    return record
