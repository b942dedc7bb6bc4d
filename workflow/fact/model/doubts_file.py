"""Doubtful labels as a table to look through."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fact.infra.files.csv_file import csv_text
from fact.infra.files.publish import publish_text
from fact.infra.files.spreadsheet import escape_formula
from fact.model.label_errors import Doubt

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("sample_id", "path", "label", "suggested", "label_probability", "suggested_probability")


def write_doubts(path: Path, doubts: Iterable[Doubt], rows: "pd.DataFrame", classes: Sequence[str]) -> None:
    """Publish the doubts, the least believable label first; cells cannot be taken for formulas."""
    lines = [[escape_formula(cell) for cell in _cells(doubt, rows, classes)] for doubt in doubts]
    publish_text(path, csv_text([COLUMNS, *lines], quote_all=True))


def _cells(doubt: Doubt, rows: "pd.DataFrame", classes: Sequence[str]) -> list[str]:
    row = rows.iloc[doubt.row]
    names = [classes[doubt.label], classes[doubt.suggested]]
    numbers = [f"{doubt.label_probability:.3f}", f"{doubt.suggested_probability:.3f}"]
    return [row["sample_id"], row["locator"], *names, *numbers]
