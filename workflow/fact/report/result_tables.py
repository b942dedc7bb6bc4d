"""The tables of the run, as they were written."""

from collections.abc import Iterable
from pathlib import Path

from fact.csv_lines import read_csv
from fact.report.section import Section, Table

NOTE = (
    "Top-1 accuracy in %, last epoch: mean ± sample standard deviation (n) over seeds. “–”: no score, “n/a”: "
    "the method cannot run on this backbone, “†”: labels beyond the budget were used. A click on a heading "
    "sorts."
)
MISSING = "No tables."


def tables_section(tables: Iterable[tuple[str, Path]]) -> Section:
    """Titles and CSV files of :mod:`fact.tables`."""
    return Section("tables", "Tables", NOTE, [_table(title, path) for title, path in tables], MISSING)


def _table(title: str, path: Path) -> Table:
    header, *rows = read_csv(path, "delete it and run again")
    return Table(title, header, rows, names=2)
