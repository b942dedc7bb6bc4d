"""Every score of the run with the file that holds it."""

from collections.abc import Iterable, Mapping

from fact.config.paths import Cell
from fact.infra.fields import Settings
from fact.report.page.section import Section, Table
from fact.report.tables.collect import SCORES

NOTE = (
    "One row per score, with its file beside this page; timing.json lies in the same folder. A click on a "
    "number of a table above lists the scores behind it."
)
HEADER = ["dataset", "backbone", "selector", "budget", "method", "seed", "score (%)", "file"]


def every_score_section(
    runs: Iterable[tuple[Cell, str, str, str]], records: Mapping[str, Settings]
) -> Section:
    """Return one table of all scores. ``runs``: cell, method, path, and address as seen from the page."""
    rows = [
        [*_names(cell, method), _headline(records[path]), address] for cell, method, path, address in runs
    ]
    parts = [Table("Every score", HEADER, rows, names=6, linked=True)] if rows else []
    return Section("scores", "Every score", NOTE, parts=parts, missing="No score.")


def _names(cell: Cell, method: str) -> list[str]:
    return [cell.dataset, cell.backbone, cell.selector, cell.budget, method, str(cell.seed)]


def _headline(record: Settings) -> str:
    """Return the score of the last epoch, or iteration, in %."""
    value = next((record[name] for name in SCORES if record.get(name) is not None), None)
    return "–" if value is None else f"{100 * value:.2f}"
