"""Table VII as cells beside the published values, and panels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fact.config.tables import Column, TableSpec, declared_table, table_spec
from fact.infra.files.record import publish_record
from fact.report.tables.cells import build_cells
from fact.report.tables.collect import collect
from fact.report.tables.comparison import compare_rows
from fact.report.tables.printed import to_latex, to_markdown
from fact.report.tables.published import KEYS
from fact.tasks.segmentation.panels import Panel, coloured, palette, panel_page, panel_picture
from small_config import of

PLACE = {"dataset": "ade20k", "backbone": "vit", "selector": "activeft", "budget": "5pct"}


def spec(**changes: object) -> TableSpec:
    rows = [
        {"label": name, "selector": "activeft", "method": name, "beyond": False, "oracle": False}
        for name in ("FF", "FACT")
    ]
    return TableSpec.from_plain(
        {
            "title": "Semantic segmentation (%)",
            "kind": "segmentation",
            "backbones_in": "columns",
            "trained_share": False,
            "figure": "none",
            "published_as": "table7",
            "labelled": True,
            "rows": rows,
            "columns": [["ade20k", "vit", "5pct"]],
            "steps": [],
            "reference": None,
            "not_applicable": [],
            **changes,
        }
    )


def published(**values: float) -> pd.DataFrame:
    lines = [("table7", "ade20k", "vit", "5pct", "FF", metric, value) for metric, value in values.items()]
    return pd.DataFrame(lines, columns=[*KEYS, "value"])


def write_scores(folder: Path, method: str, *mious: float) -> list[dict]:
    cells = []
    for seed, miou in enumerate(mious):
        path = folder / method / f"{seed}/score.json"
        scores = {"miou_last": miou, "macc_last": 0.4, "aacc_last": 0.7, "test_images": 9}
        publish_record(path, {**scores, "setting": {}, "parameters": {}, "details": {}})
        publish_record(path.with_name("timing.json"), {"seconds": {"train": 2.0}, "peak_memory_mb": {}})
        cells.append({**PLACE, "seed": seed, "method": method, "path": str(path)})
    return cells


def test_three_metrics_beside_the_published_ones(tmp_path: Path) -> None:
    scores = collect(write_scores(tmp_path, "FF", 0.20, 0.22))
    cells = build_cells(scores, spec(), published(mIoU=17.61))
    assert cells["metric"].tolist() == ["mIoU", "mAcc", "aAcc"] * 2
    first = cells.iloc[0]
    assert (first["n"], first["state"]) == (2, "measured")
    assert first["mean"] == pytest.approx(21.0) and first["sd"] == pytest.approx(2**0.5)
    assert first["difference"] == pytest.approx(3.39)
    assert cells["state"].tolist()[3:] == ["missing"] * 3
    text = to_markdown(cells, spec())
    assert "ade20k vit 5pct mIoU" in text and "21.0 ± 1.4 (2) [17.61, +3.4]" in text
    assert "In brackets: the published value" in text and "last epoch" not in text
    assert r"\begin{tabular}" in to_latex(cells, spec())


def test_what_cannot_be_is_told_from_what_is_missing(tmp_path: Path) -> None:
    scores = collect(write_scores(tmp_path, "FF", 0.2))
    cells = build_cells(scores, spec(not_applicable=[["vit", "FACT"]]), published())
    assert set(cells["state"][cells["row"] == "FACT"]) == {"not applicable"}


def test_a_record_without_a_score_is_refused(tmp_path: Path) -> None:
    (cell,) = write_scores(tmp_path, "FF", 0.2)
    record = {"setting": {}, "parameters": {}, "details": {}, "test_images": 9}
    publish_record(cell["path"], record)
    with pytest.raises(ValueError, match=r"has none of top1_last, .*aacc_last; delete it and run again"):
        collect([cell])


@pytest.mark.parametrize("others", [0, 1])
def test_a_score_of_classification_is_refused(tmp_path: Path, others: int) -> None:
    (cell,) = write_scores(tmp_path, "FF", 0.2)
    beside = write_scores(tmp_path, "FACT", 0.2)[:others]
    record = {"setting": {}, "parameters": {}, "details": {}, "test_images": 9, "top1_last": 0.5}
    publish_record(cell["path"], record)
    with pytest.raises(ValueError, match=r"FF.* has no miou_last; delete it and run again"):
        build_cells(collect([cell, *beside]), spec(), published())


def test_rows_are_compared_by_mean_iou(tmp_path: Path) -> None:
    cells = [*write_scores(tmp_path, "FF", 0.20, 0.22), *write_scores(tmp_path, "FACT", 0.25, 0.29)]
    compared = compare_rows(collect(cells), spec()).set_index("row")
    assert compared["mean_rank"].to_dict() == {"FACT": 1.0, "FF": 2.0}
    assert compared.loc["FACT", "difference"] == pytest.approx(6.0)
    assert compared.loc["FACT", "pairs"] == 2 and compared.loc["FACT", "cells"] == 1


def test_a_dataset_of_segmentation_stands_for_its_part_of_table7() -> None:
    config = {
        "run": {"selectors": ["activeft"], "methods": ["FF"], "seeds": [0], "datasets": ["roads"]},
        "datasets": {"roads": {"task": "segmentation", "backbones": ["vit"], "budgets": ["5img"]}},
        "backbones": {"vit": {}},
        "selectors": {"activeft": {"params": {}}},
        "methods": {},
        "training": {},
        "recipes": {},
        "probes": {},
        "segmentation": {
            "methods": {"FF": {"recipe": "ff"}},
            "recipes": {"ff": {"tuner": "full"}},
            "probes": {},
            "heads": {},
        },
        "tables": {"table7": {"title": "t", "kind": "segmentation", "rows": None, "figure": "none"}},
        "rows": {},
    }
    assert declared_table(of(config), "roads")["kind"] == "segmentation"
    found = table_spec(of(config), "roads")
    assert found.published_as is None and found.columns == (Column("roads", "vit", "5img"),)
    assert found.not_applicable == ()


def panel(name: str = "a.png") -> Panel:
    mask = np.array([[0, 1], [2, 255]], np.uint8)
    return Panel(name, np.full((2, 2, 3), 90, np.uint8), mask, {"FF": mask})


def test_colours_differ_and_ignored_pixels_are_black() -> None:
    colours = palette(150)[:150]
    assert len({tuple(colour) for colour in colours.tolist()}) > 145
    assert (coloured(panel().truth, 3)[1, 1] == 0).all()


def test_a_page_escapes_names_and_shows_every_method() -> None:
    page = panel_page({"a <b>": [panel("<i>.png")]}, ["FF", "FACT"], ["x&y", "b", "c"], "t")
    assert "<i>.png" not in page and "&lt;i&gt;.png" in page and "x&amp;y" in page and "a &lt;b&gt;" in page
    assert page.count("<img ") == 4 and "<script" not in page


def test_a_picture_has_a_row_an_image_and_a_column_a_mask() -> None:
    picture = panel_picture([panel(), panel("b")], ["FF", "FACT"], 3)
    assert picture.size == (4 * 244 - 4, 22 + 2 * 240 + 4)
    # no FACT of this image
    assert picture.getpixel((3 * 244 + 5, 22 + 5)) == (200, 200, 200)
