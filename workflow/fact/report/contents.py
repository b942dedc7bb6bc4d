"""The report of a run: its files read, its sections in order."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pandas as pd

from fact import plan
from fact.collect import read_scores
from fact.comparison import read_comparison
from fact.data.classes import read_classes
from fact.distortion_table import read_distortion
from fact.layout import table_spec
from fact.parquet_file import read_parquet
from fact.record import read_record
from fact.report.by_place import places
from fact.report.confusions import confusions_section
from fact.report.costs import costs_section, phase_costs
from fact.report.distortions import distortions_section
from fact.report.gains import gains_section
from fact.report.over_backbones import over_backbones_section
from fact.report.over_budget import over_budget_section
from fact.report.page import render_page
from fact.report.pool_map import PICKS, POINTS, PoolMap, make_pool_map
from fact.report.provenance import provenance_section
from fact.report.result_tables import tables_section
from fact.report.section import Section
from fact.report.selectors import selectors_section
from fact.report.sources import (
    PAGE,
    comparison_path,
    is_compared,
    map_path,
    report_files,
    run_cells,
    run_scores,
    sheet_path,
    table_path,
)
from fact.report.training_curves import training_curves_section
from fact.selection.listing import read_selection
from fact.selector_table import read_selector_table
from fact.tables import read_cells

TITLE = "FACT: report"


def report_page(config: dict) -> str:
    """The page of what :func:`fact.report.sources.report_files` names.

    Raises FileNotFoundError for a missing file and ValueError for a damaged one.
    """
    files = report_files(config)
    scores = pd.concat([read_scores(Path(path)) for path in files["scores"]], ignore_index=True)
    scores = scores.drop_duplicates([*plan.Cell._fields, "method"], ignore_index=True)
    records = {path: read_record(path) for path in dict.fromkeys(scores["path"])}
    datasets = {path.parent.name: path for path in map(Path, files["classes"])}
    classes = {name: read_classes(path) for name, path in datasets.items()}
    weights = {PurePosixPath(path).parent.name: read_record(path) for path in files["weights"]}
    moved = read_distortion(files["distortion"][0]) if "distortion" in files else None
    tables = list(_tables(config))
    sections = [
        tables_section(tables),
        over_budget_section(scores, pd.concat([cells for _, cells, _ in tables])),
        over_backbones_section(scores),
        gains_section(scores),
        _selectors(config, files),
        training_curves_section(scores, records),
        confusions_section(scores, records, classes),
        distortions_section(moved),
        costs_section(_costs(config)),
        provenance_section(scores, weights, config),
    ]
    return render_page(TITLE, sections)


def _tables(config: dict) -> Iterable[tuple[dict, pd.DataFrame, pd.DataFrame | None]]:
    for table in config["run"]["tables"]:
        compared = read_comparison(comparison_path(table)) if is_compared(config, table) else None
        yield table_spec(config, table), read_cells(table_path(table)), compared


def _costs(config: dict) -> pd.DataFrame:
    runs = run_scores(config)
    listed = [(*run, stage, path) for run in runs for stage, path in plan.stage_files(config, *run).items()]
    records = {path: read_record(path) for path in dict.fromkeys(path for *_, path in listed)}
    return phase_costs((*names, records[path]) for *names, path in listed)


def _selectors(config: dict, files: dict[str, list[str]]) -> Section:
    if "selectors" not in files:
        return selectors_section(None, [], {})
    table = read_selector_table(files["selectors"][0])
    cells = run_cells(config)
    sheets = {" · ".join(map(str, cell)): _address(sheet_path(plan.selection_path(cell))) for cell in cells}
    return selectors_section(table, list(_maps(cells, places(table))), sheets)


def _maps(cells: list[plan.Cell], of: list[tuple[str, str]]) -> Iterable[PoolMap]:
    """A map for each dataset and backbone, with the picks of the first seed."""
    first = [cell for cell in cells if cell.seed == cells[0].seed]
    most = (min(2_000, POINTS // len(of)), max(20, PICKS // len(first)))
    for place in of:
        here = [cell for cell in first if (cell.dataset, cell.backbone) == place]
        chosen = {
            (cell.selector, cell.budget): read_selection(Path(plan.selection_path(cell))) for cell in here
        }
        yield make_pool_map(place, read_parquet(map_path(place)).to_pandas(), chosen, most)


def _address(path: str) -> str:
    """A file's address as seen from the page."""
    folder = PurePosixPath(PAGE).parent
    return quote("../" * (len(folder.parts) - 1) + str(PurePosixPath(path).relative_to(folder.parts[0])))
