"""The files of a finished run as the report reads them, with made-up scores: no training, any size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from fact.config.cells import run_cells, run_scores, score_path, tuned_score_path
from fact.config.declared import Config
from fact.config.paths import selection_path
from fact.config.registries import merge, with_registries
from fact.config.settle import settle
from fact.config.tables import of_segmentation, table_spec
from fact.config.targets import (
    comparison_path,
    distortion_cells,
    map_path,
    report_files,
    score_cells,
    table_path,
)
from fact.config.used import used_config
from fact.data.classes import write_classes
from fact.data.manifest import make_index, write_manifest
from fact.infra.files.data_uri import data_uri
from fact.infra.files.parquet import publish_parquet
from fact.infra.files.publish import publish_text
from fact.infra.files.record import publish_record
from fact.report.pictures import write_pictures
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import collect, write_scores
from fact.report.tables.comparison import compare_rows, comparison_csv
from fact.report.tables.distortion import distortion_rows, write_distortion
from fact.report.tables.printed import to_csv
from fact.report.tables.published import read_published
from fact.report.tables.selectors import build_selector_table
from fact.report.tables.selectors import to_csv as selectors_csv
from fact.tasks.classification.score import classification_metrics
from fact.tasks.publish import Outcome, score_record
from PIL import Image
from segmented_run import write_segmentations

REPOSITORY = Path(__file__).parents[2]
PICTURE = data_uri(Image.new("RGB", (8, 8), (90, 120, 150)), "WEBP")
CLASSES_OF_INDEX = [f"class {number}" for number in range(2000)]
TUNED = ("ff", "lp-ft", "lp-lora")


def run_config(overlay: dict) -> Config:
    """The part of the repository's configuration that a run with this overlay uses."""
    folder = REPOSITORY / "config"
    config = merge(yaml.safe_load((folder / "config.yaml").read_text("utf-8")), overlay)
    schema = REPOSITORY / "workflow/schemas/config.schema.yaml"
    settled = Config.from_plain(settle(with_registries(config, folder), schema))
    return Config.from_plain(used_config(settled))


def write_run(
    config: Config, classes: Sequence[str], *, pool: int = 60, test: int = 200, epochs: int = 4
) -> None:
    """Write everything that :func:`fact.config.targets.report_files` names below the current folder."""
    numbers, files = np.random.default_rng(0), report_files(config)
    for path in files["weights"]:
        publish_record(path, {"weights_sha256": f"{len(path):064x}", "source": "made up"})
    for path in files["timings"]:
        seconds = {"train": round(float(numbers.uniform(1, 9)), 3), "evaluate": 0.5}
        publish_record(path, {"seconds": seconds, "peak_memory_mb": {"cpu": 300.0}, "device": "an abacus"})
    runs = [run for run in run_scores(config) if not config.segments(run[0].dataset)]
    tuned = [tuned_score_path(config, *run) for run in runs]
    scored = [score_path(config, *run) for run in runs]
    for path in dict.fromkeys([*scored, *filter(None, tuned)]):
        _write_score(Path(path), len(classes), test, epochs, numbers)
    for table in config.run["tables"]:
        if of_segmentation(config, table):
            write_segmentations(config, table, list(classes), numbers)
        else:
            _write_table(config, table)
    ids = [f"image <b>{row:05}</b>.png" for row in range(pool)]
    for manifest, pictures in zip(files.get("manifests", []), files.get("pictures", []), strict=True):
        _write_images(Path(manifest), Path(pictures), ids, test=test, classes=len(classes))
    for path in files["classes"]:
        write_classes(Path(path), list(classes))
    if "selectors" in files:
        _write_selections(config, ids, numbers)
    if "distortion" in files:
        _write_distortion(config, numbers)


def _write_images(manifest: Path, pictures: Path, ids: Sequence[str], *, test: int, classes: int) -> None:
    """The index of a pool and of test images, and pictures of the first ones of both."""
    tested = [f"test {row:05}.png" for row in range(test)]
    named = [(name, split) for split, names in (("pool", ids), ("test", tested)) for name in names]
    records = [
        (name, split, name, number % classes, 8, 8, f"{number:064x}", "ok")
        for number, (name, split) in enumerate(named)
    ]
    write_manifest(manifest.parent, make_index(records, [], CLASSES_OF_INDEX[:classes]))
    shown = [*ids[:20], *tested[:40]]
    write_pictures(pictures, dict.fromkeys(shown, PICTURE))


def _write_score(path: Path, classes: int, test: int, epochs: int, numbers: np.random.Generator) -> None:
    labels = np.arange(test) % classes
    logits = numbers.normal(size=(test, classes)).astype(np.float32)
    logits[np.arange(test), labels] += numbers.uniform(1, 4)
    history = [
        {"epoch": epoch, "loss": 2 / (epoch + 1), "top1": float(numbers.uniform(0.5, 0.9))}
        for epoch in range(epochs if path.parent.name in TUNED else 0)
    ]
    parameters = {"trainable": 10, "total": 20}
    setting = {"code_version": "0123456789abcdef"}
    outcome = Outcome(
        metrics=classification_metrics(logits, labels, history),
        test_images=test,
        parameters=parameters,
        seconds={},
        history=history,
    )
    publish_record(path, score_record(setting, outcome))


def _write_table(config: Config, table: str) -> None:
    cells = score_cells(config, table)
    scores, spec = collect(cells), table_spec(config, table)
    write_scores(Path(f"results/scores/{table}.parquet"), scores)
    published = read_published(REPOSITORY / "config/published.csv")
    publish_text(f"{table_path(table)}.csv", to_csv(build_cells(scores, spec, published)))
    publish_text(comparison_path(table), comparison_csv(compare_rows(scores, spec)))


def _write_selections(config: Config, ids: list[str], numbers: np.random.Generator) -> None:
    import pandas as pd
    from fact.data.selection_file import write_selection

    cells = run_cells(config)
    for place in dict.fromkeys((cell.dataset, cell.backbone) for cell in cells):
        x, y = numbers.normal(size=(2, len(ids))).astype(np.float32)
        columns = {"sample_id": ids, "x": x, "y": y, "method": ["PCA"] * len(ids)}
        publish_parquet(map_path(place), pa.table(columns))
    for cell in cells:
        picks = pd.DataFrame({"sample_id": numbers.permutation(ids)[:20]}).assign(locator="a.png")
        write_selection(Path(selection_path(cell)), picks, [1.0] * len(picks))
    measured = (
        "mean_distance",
        "max_distance",
        "diversity",
        "transport",
        "twins",
        "seconds",
        "peak_memory_mb",
    )
    rows = [{**cell._asdict(), **dict.fromkeys(measured, float(numbers.uniform()))} for cell in cells]
    publish_text("results/tables/selectors.csv", selectors_csv(build_selector_table(rows, [])))


def _write_distortion(config: Config, numbers: np.random.Generator) -> None:
    kinds = ("labelled", "unlabelled")
    lines = []
    for cell in distortion_cells(config):
        moved = {kind: {"count": 9, "distance": 1.0, "relative": float(numbers.uniform())} for kind in kinds}
        lines += distortion_rows(cell, moved)
    write_distortion("results/tables/distortion.csv", lines)
