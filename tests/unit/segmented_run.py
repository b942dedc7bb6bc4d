"""The files of a finished table of segmentations, with made-up scores and pictures."""

from pathlib import Path

import numpy as np
from fact.config.declared import Config
from fact.config.tables import table_datasets, table_spec
from fact.config.targets import comparison_path, panels_path, score_cells, table_path
from fact.infra.files.publish import publish, publish_text
from fact.infra.files.record import publish_record
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import collect, write_scores
from fact.report.tables.comparison import compare_rows, comparison_csv
from fact.report.tables.printed import to_csv
from fact.report.tables.published import read_published
from fact.tasks.publish import Outcome, score_record
from fact.tasks.segmentation.panels import Panel, panel_picture, save_picture
from fact.tasks.segmentation.score import segmentation_metrics

PUBLISHED = Path(__file__).parents[2] / "config/published.csv"
SHOWN = "vit_small_dino, activeft, 5pct"


def write_segmentations(config: Config, table: str, classes: list[str], numbers: np.random.Generator) -> None:
    """Scores, the table and a picture for each of its datasets, below the current folder."""
    cells = score_cells(config, table)
    for cell in cells:
        matrix = numbers.integers(1, 99, (len(classes), len(classes))).astype(float)
        seen = np.ones(len(classes), np.int64)
        setting = {"code_version": "fedcba9876543210"}
        metrics = segmentation_metrics(matrix, classes, seen)
        outcome = Outcome(metrics=metrics, test_images=9, parameters={}, seconds={})
        publish_record(Path(cell["path"]), score_record(setting, outcome))
    spec = table_spec(config, table)
    scores = collect(cells)
    write_scores(Path(f"results/scores/{table}.parquet"), scores)
    publish_text(f"{table_path(table)}.csv", to_csv(build_cells(scores, spec, read_published(PUBLISHED))))
    publish_text(comparison_path(table), comparison_csv(compare_rows(scores, spec)))
    for dataset in table_datasets(config, table):
        write_picture(Path(f"{panels_path(table, dataset)}.png"), len(classes))


def write_picture(path: Path, classes: int, methods: tuple[str, ...] = ("FF", "FACT")) -> None:
    """A picture of one test image whose mask has every class."""
    mask = (np.arange(40 * 60).reshape(40, 60) % classes).astype(np.uint8)
    image = np.full((40, 60, 3), 120, np.uint8)
    panel = Panel("a.png", image, mask, dict.fromkeys(methods, mask))
    path.parent.mkdir(parents=True, exist_ok=True)
    with publish(path) as temporary:
        save_picture(temporary, panel_picture([panel], methods, classes), SHOWN, methods)
