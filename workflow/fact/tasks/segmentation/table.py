"""Table VII: scores of segmentations as cells, in the form of :mod:`fact.report.tables.cells`."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from fact.infra.errors import ArtifactError
from fact.infra.files.record import read_record
from fact.report.tables.cells import table_lines
from fact.report.tables.published import published_values

PLACE = ["dataset", "backbone", "budget"]
# as printed, and in score.json
METRICS = {"mIoU": "miou_last", "mAcc": "macc_last", "aAcc": "aacc_last"}


def collect(cells: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """A row for each cell and metric: its names and ``value`` in %. ``cells`` have ``path``, a score.json.

    Raises FileNotFoundError for a missing score file, ArtifactError for another file.
    """
    rows = []
    for cell in cells:
        record = read_record(Path(cell["path"]))
        if missing := set(METRICS.values()) - set(record):
            raise ArtifactError(
                f"{cell['path']} is no score of a segmentation: it has no {min(missing)}; delete it and run "
                "again"
            )
        names = {key: cell[key] for key in (*PLACE, "selector", "seed", "method")}
        rows += [{**names, "metric": metric, "value": 100 * record[key]} for metric, key in METRICS.items()]
    return pd.DataFrame(rows)


def build_cells(scores: pd.DataFrame, spec: Mapping[str, object], published: pd.DataFrame) -> pd.DataFrame:
    """A line for every row, column and metric of a table, in their order, in %.

    The columns are those of :func:`fact.report.tables.cells.build_cells`; there is no best on the test
    images.
    """
    keys = [
        {**line, **dict(zip(PLACE, column, strict=True)), "metric": metric}
        for line in table_lines(spec)
        for column in spec["columns"]
        for metric in METRICS
    ]
    names = ["selector", "method", *PLACE, "metric"]
    summary = scores.groupby(names)["value"].agg(n="count", mean="mean", sd="std").reset_index()
    cells = pd.DataFrame(keys).merge(summary, on=names, how="left")
    known = published_values(published, spec["published_as"])
    places = zip(*(cells[name] for name in (*PLACE, "row", "metric")), strict=True)
    cells["published"] = [known.get(place, float("nan")) for place in places]
    cells["difference"] = cells["mean"] - cells["published"]
    cells["n"] = cells["n"].fillna(0).astype(int)
    left_out = {tuple(pair) for pair in spec["not_applicable"]}
    pairs = zip(cells["backbone"], cells["method"], cells["n"], strict=True)
    cells["state"] = [
        "not applicable" if (backbone, method) in left_out else "measured" if n else "missing"
        for backbone, method, n in pairs
    ]
    return cells.assign(best_n=0)


def columns_by_metric(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with a printed column for each metric."""
    return cells.assign(budget=cells["budget"] + " " + cells["metric"])
