"""Labels that are worth a second look, as pictures."""

from pathlib import Path

from fact.infra.files.csv_file import read_csv
from fact.infra.files.spreadsheet import unescape_formula
from fact.model.label_errors import COLUMNS
from fact.project.model_page.tiles import Said, Strip, Tile

SHOWN = 24
LIST = "label_errors.csv"
NONE = "No label is contradicted by what was predicted of its image when it was held out."


def doubtful_labels(model: Path) -> Strip:
    """Return the least believable labels of ``label_errors.csv``. Raises as reading a CSV does."""
    header, *rows = read_csv(model / LIST, "delete it and run again") or [[]]
    cells = [[unescape_formula(cell) for cell in row] for row in rows if len(row) == len(COLUMNS)]
    tiles = tuple(_tile(dict(zip(header, row, strict=True))) for row in cells[:SHOWN])
    return Strip("", tiles, more=max(0, len(cells) - SHOWN), none=NONE)


def _tile(row: dict[str, str]) -> Tile:
    given = Said("label", row["label"], float(row["label_probability"]))
    return Tile(
        row["sample_id"], (given, Said("suggested", row["suggested"], float(row["suggested_probability"])))
    )
