"""The report of a run: its files read, its sections in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import pandas as pd

from fact.config.cells import run_cells, run_scores, score_path, stage_files, table_runs
from fact.config.declared import Config
from fact.config.paths import PAGE, Cell, selection_path
from fact.config.tables import is_compared, table_spec
from fact.config.targets import (
    comparison_path,
    map_path,
    panel_datasets,
    panels_path,
    propagated_labels,
    report_files,
    run_budgets,
    table_path,
)
from fact.config.used import used_config
from fact.data.classes import read_classes
from fact.data.manifest import read_manifest
from fact.data.selection_file import read_selection
from fact.infra.fields import Settings
from fact.infra.files.parquet import read_parquet
from fact.infra.files.record import read_record
from fact.infra.process.made_by import in_words
from fact.report.page.album import NONE, Album, make_albums
from fact.report.page.by_place import FIGURES, in_budget_order, places
from fact.report.page.confusions import confusions_section
from fact.report.page.costs import costs_section, phase_costs
from fact.report.page.distortions import distortions_section
from fact.report.page.every_score import every_score_section
from fact.report.page.gains import gains_section
from fact.report.page.looks import Looks, looks_of
from fact.report.page.over_backbones import over_backbones_section
from fact.report.page.over_budget import over_budget_section
from fact.report.page.page import render_page
from fact.report.page.pool_map import PICKS, POINTS, PoolMap, make_pool_map, wrongly_spread
from fact.report.page.provenance import NOT_RECORDED, provenance_section
from fact.report.page.result_tables import ResultTable, tables_section
from fact.report.page.section import Section
from fact.report.page.segmentations import segmentations_section
from fact.report.page.selectors import selectors_section
from fact.report.page.training_curves import training_curves_section
from fact.report.pictures import read_pictures
from fact.report.tables.collect import job_columns, read_scores
from fact.report.tables.comparison import read_comparison
from fact.report.tables.distortion import read_distortion
from fact.report.tables.mixed import mixed_note
from fact.report.tables.printed import read_cells
from fact.report.tables.samples import table_samples
from fact.report.tables.selectors import read_selector_table

TITLE = "FACT: report"


def report_page(config: Config) -> str:
    """Return the page of what :func:`fact.config.targets.report_files` names.

    Raises FileNotFoundError for a missing file and ArtifactError for a damaged one.
    """
    files = report_files(config)
    frames = [read_scores(Path(path)) for path in files["scores"]]
    scores = in_budget_order(_classified(frames), run_budgets(config))
    looks = looks_of(pd.concat([frame[["selector", "method"]] for frame in frames]))
    records = {path: read_record(path) for path in files["records"]}
    timings = {path: read_record(path) for path in files["timings"]}
    datasets = {path.parent.name: path for path in map(Path, files["classes"])}
    classes = {name: read_classes(path) for name, path in datasets.items()}
    albums, pictures = _albums(files)
    weights = {PurePosixPath(path).parent.name: read_record(path) for path in files["weights"]}
    moved = read_distortion(files["distortion"][0]) if "distortion" in files else None
    tables = list(_tables(config, frames, timings))
    sections = [
        tables_section(tables, looks),
        over_budget_section(scores, pd.concat([table.cells for table in tables]), looks),
        gains_section(scores, looks),
        over_backbones_section(scores, looks),
        confusions_section(scores, records, classes, albums),
        _segmentations(config),
        _selectors(config, files, classes, looks, albums=albums),
        training_curves_section(scores, records, looks),
        distortions_section(moved),
        costs_section(in_budget_order(_costs(config, timings), run_budgets(config))),
        every_score_section(_runs(config), records),
        provenance_section(
            _made(config, records), _jobs(config, timings), weights, config=used_config(config)
        ),
    ]
    return render_page(TITLE, sections, _choices(config), pictures)


def _albums(files: Mapping[str, list[str]]) -> tuple[dict[str, Album], list[tuple[str, str]]]:
    manifests = {Path(path).parent.name: read_manifest(Path(path)) for path in files.get("manifests", [])}
    pictures = {Path(path).stem: read_pictures(path) for path in files.get("pictures", [])}
    return make_albums(pictures, manifests)


def _classified(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return every score of a classification once; of a run that has none, a frame without rows."""
    names = [*Cell._fields, "method"]
    none = pd.DataFrame(columns=[*names, "path", "top1_last"]).astype({"top1_last": float})
    found = [frame for frame in frames if "top1_last" in frame]
    return pd.concat(found, ignore_index=True).drop_duplicates(names, ignore_index=True) if found else none


def _choices(config: Config) -> dict[str, list[str]]:
    """Return what can be chosen in the page's filter, by field; a field of one value offers no choice."""
    runs = run_scores(config)
    fields = {name: [getattr(cell, name) for cell, _ in runs] for name in ("dataset", "backbone", "selector")}
    fields["method"] = [method for _, method in runs]
    choices = {name: list(dict.fromkeys(values)) for name, values in fields.items()}
    return {name: values for name, values in choices.items() if len(values) > 1}


def _runs(config: Config) -> Iterable[tuple[Cell, str, str, str]]:
    for cell, method in run_scores(config):
        path = score_path(config, cell, method)
        yield cell, method, path, _address(path)


def _tables(
    config: Config, frames: Sequence[pd.DataFrame], timings: Mapping[str, Settings]
) -> Iterable[ResultTable]:
    for table, scores in zip(config.run["tables"], frames, strict=True):
        compared = read_comparison(comparison_path(table)) if is_compared(config, table) else None
        cells, jobs = read_cells(f"{table_path(table)}.csv"), _job_columns(config, table, timings)
        spec = table_spec(config, table)
        samples = table_samples(scores, spec)
        yield ResultTable(table, spec, cells, samples, compared, mixed_note(jobs))


def _job_columns(config: Config, table: str, timings: Mapping[str, Settings]) -> pd.DataFrame:
    """Return what the timings behind each score of a table tell, one row per score."""
    stages = [stage_files(config, *run) for run in table_runs(config, table)]
    return pd.DataFrame(
        [job_columns({stage: timings[path] for stage, path in files.items()}) for files in stages]
    )


def _costs(config: Config, timings: Mapping[str, Settings]) -> pd.DataFrame:
    listed = [
        (cell, method, stage, path)
        for cell, method in run_scores(config)
        for stage, path in stage_files(config, cell, method).items()
    ]
    return phase_costs((cell, method, stage, timings[path]) for cell, method, stage, path in listed)


def _made(config: Config, records: Mapping[str, Settings]) -> pd.DataFrame:
    """Return dataset, seed, path and code version of every score."""
    paths = [(cell, score_path(config, cell, method)) for cell, method in run_scores(config)]
    rows = [(cell.dataset, cell.seed, path, records[path]["setting"]["code_version"]) for cell, path in paths]
    return pd.DataFrame(rows, columns=["dataset", "seed", "path", "code_version"])


def _jobs(config: Config, timings: Mapping[str, Settings]) -> pd.DataFrame:
    """Return what is known of every job behind the scores, each job once."""
    runs = run_scores(config)
    stages = {path: stage for run in runs for stage, path in stage_files(config, *run).items()}
    rows = [
        {"stage": stage, **_ran_with(timings[path]), "written": day(path)} for path, stage in stages.items()
    ]
    return pd.DataFrame(rows, columns=["stage", "software", "device", "command", "commit", "written"])


def day(path: str) -> str:
    """Return the day on which a file was written, in UTC."""
    return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC).strftime("%Y-%m-%d")


def _ran_with(timing: Settings) -> dict[str, str]:
    made = timing.get("made_by") or {}
    return {
        "software": in_words(made) if made else NOT_RECORDED,
        "device": timing.get("device", ""),
        "command": made.get("command") or NOT_RECORDED,
        "commit": made.get("commit") or NOT_RECORDED,
    }


def _segmentations(config: Config) -> Section:
    panels = {" · ".join(names): panels_path(*names) for names in panel_datasets(config)}
    pages = {name: _address(f"{path}.html") for name, path in panels.items()}
    return segmentations_section({name: Path(f"{path}.png") for name, path in panels.items()}, pages)


def _selectors(
    config: Config,
    files: Mapping[str, list[str]],
    classes: Mapping[str, Sequence[str]],
    looks: Looks,
    albums: Mapping[str, Album],
) -> Section:
    if "selectors" not in files:
        return selectors_section(None, (), {}, looks)
    cells = run_cells(config)
    table = read_selector_table(files["selectors"][0])
    sheets = {" · ".join(map(str, cell)): _address(selection_path(cell, "html")) for cell in cells}
    spread = propagated_labels(config)
    made = _maps(cells, places(table), albums, spread)
    maps = [replace(found, classes=classes[found.place[0]]) for found in made]
    return selectors_section(table, maps, sheets, looks)


def _maps(
    cells: list[Cell], of: list[tuple[str, str]], albums: Mapping[str, Album], spread: Mapping[Cell, str]
) -> Iterable[PoolMap]:
    """Return a map for each dataset and backbone, with the picks of the first seed.

    ``spread``: files of the labels that were spread over the pool, by cell.
    """
    first = [cell for cell in cells if cell.seed == cells[0].seed]
    maps = min(len(first), FIGURES)
    most = (min(1_500, POINTS // maps), max(20, PICKS // maps))
    for place in of:
        here = [cell for cell in first if (cell.dataset, cell.backbone) == place]
        chosen = {(cell.selector, cell.budget): read_selection(Path(selection_path(cell))) for cell in here}
        pool, album = read_parquet(map_path(place)).to_pandas(), albums.get(place[0], NONE)
        pool["label"] = album.labels.reindex(pool["sample_id"], fill_value=-1).to_numpy()
        wrong = {
            (cell.selector, cell.budget): wrongly_spread(read_parquet(spread[cell]).to_pandas(), album.labels)
            for cell in here
            if cell in spread
        }
        found = make_pool_map(place, pool, chosen, most=most)
        yield replace(found, pictures=album.numbers, wrong=wrong)


def _address(path: str) -> str:
    """Return a file's address as seen from the page."""
    folder = PurePosixPath(PAGE).parent
    return quote("../" * (len(folder.parts) - 1) + str(PurePosixPath(path).relative_to(folder.parts[0])))
