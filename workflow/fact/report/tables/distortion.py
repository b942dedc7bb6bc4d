"""Distortion of many checkpoints as a table: a row for each checkpoint and kind of images."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from fact.infra.errors import ArtifactError
from fact.infra.files.csv_file import csv_text
from fact.infra.files.publish import publish_text

CELL = ["dataset", "backbone", "selector", "budget", "seed", "recipe"]
NUMBERS = ["count", "distance", "relative"]
COLUMNS = [*CELL, "images", *NUMBERS]


def distortion_rows(cell: dict, record: dict) -> Iterator[list[str]]:
    """The lines of one checkpoint: cell, ``labelled`` or ``unlabelled``, and the numbers of its record."""
    for images in ("labelled", "unlabelled"):
        numbers = [f"{record[images][key]:.6g}" for key in NUMBERS]
        yield [*(str(cell[key]) for key in CELL), images, *numbers]


def write_distortion(path: Path | str, rows: Iterable[list[str]]) -> None:
    """Publish the lines as CSV."""
    publish_text(path, csv_text([COLUMNS, *rows]))


def read_distortion(path: Path | str) -> pd.DataFrame:
    """The table of :func:`write_distortion`. Raises ArtifactError for one of other columns."""
    frame = pd.read_csv(path, dtype={"budget": str}, keep_default_na=False)
    if list(frame.columns) != COLUMNS:
        raise ArtifactError(f"{path} has other columns than {', '.join(COLUMNS)}; delete it and run again")
    return frame


def over_seeds(measured: pd.DataFrame) -> pd.DataFrame:
    """Mean ``relative`` distance over seeds; a row for each setting, recipe and kind of images."""
    keys = [*(name for name in CELL if name != "seed"), "images"]
    return measured.groupby(keys, sort=False)["relative"].mean().reset_index()
