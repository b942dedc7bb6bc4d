"""Which files the report of a run is made from, as pure functions of the config."""

from collections.abc import Iterator
from typing import NamedTuple

from fact import plan

PAGE = f"{plan.RESULTS}/report/index.html"
TEMPLATES = ("page.html.j2", "page.css", "page.js")
"""What the page is written with beside this package's modules."""


class Stage(NamedTuple):
    """A phase of a method in a cell, and the folder that its stage writes to."""

    cell: plan.Cell
    method: str
    phase: str
    folder: str


def report_files(config: dict) -> dict[str, list[str]]:
    """Paths by kind; selections and distortion only where ``run.report`` asks for them."""
    tables, cells = config["run"]["tables"], run_cells(config)
    places = dict.fromkeys((cell.dataset, cell.backbone) for cell in cells)
    files = {
        "scores": [f"{plan.RESULTS}/scores/{table}.parquet" for table in tables],
        "tables": [f"{plan.RESULTS}/tables/{table}.csv" for table in tables],
        "records": [path for table in tables for path in plan.table_scores(config, table)],
        "timings": [timing_path(stage) for stage in stages(config)],
        "classes": [f"{plan.RESULTS}/datasets/{dataset}/classes.json" for dataset, _ in places],
        "weights": [f"{plan.RESULTS}/weights/{backbone}/backbone.json" for _, backbone in places],
    }
    if "selection" in config["run"]["report"]:
        selections = plan.selections(config)
        files |= {
            "selectors": [f"{plan.RESULTS}/tables/selectors.csv"],
            "maps": [map_path(place) for place in places],
            "selections": selections,
            "sheets": [sheet_path(path) for path in selections],
        }
    if "distortion" in config["run"]["report"]:
        files["distortion"] = [f"{plan.RESULTS}/tables/distortion.csv"]
    return {kind: list(dict.fromkeys(paths)) for kind, paths in files.items()}


def run_cells(config: dict) -> list[plan.Cell]:
    """Every cell of every table of the run, once."""
    return list(
        dict.fromkeys(cell for table in config["run"]["tables"] for cell in plan.table_cells(config, table))
    )


def stages(config: dict) -> Iterator[Stage]:
    """The phases behind every score: the selection, then what is trained on it."""
    runs = (run for table in config["run"]["tables"] for run in plan.table_runs(config, table))
    for cell, method in dict.fromkeys(runs):
        yield Stage(cell, method, "selection", plan.selection_path(cell).removesuffix(".csv"))
        for phase, folder in _phases(config, method):
            yield Stage(cell, method, phase, f"{plan.run_folder(cell)}/{folder}")


def distortion_cells(config: dict) -> list[dict]:
    """Cell, recipe and path of every record of distortion: each cell with each recipe of its methods."""
    runs = (run for table in config["run"]["tables"] for run in plan.table_runs(config, table))
    tuned = dict.fromkeys((cell, config["methods"][method].get("recipe")) for cell, method in runs)
    return [
        plan.plain(
            {**cell._asdict(), "recipe": recipe, "path": f"{plan.run_folder(cell)}/{recipe}/distortion.json"}
        )
        for cell, recipe in tuned
        if recipe
    ]


def timing_path(stage: Stage) -> str:
    """The timing record of a stage."""
    return f"{stage.folder}{'.' if stage.phase == 'selection' else '/'}timing.json"


def map_path(place: tuple[str, str]) -> str:
    """The map of the pool of a dataset and backbone."""
    return f"{plan.RESULTS}/features/{place[0]}/{place[1]}/pool-map.parquet"


def sheet_path(selection: str) -> str:
    """The contact sheet of a selection."""
    return selection.removesuffix("csv") + "html"


def _phases(config: dict, method: str) -> Iterator[tuple[str, str]]:
    declared = config["methods"][method]
    recipe = declared.get("recipe")
    start = config["recipes"][recipe]["start"] if recipe else declared["probe"]
    if start != "random":
        yield "phase 1", f"probe/{start}"
    if recipe:
        yield "phase 2", recipe
    if "head" in declared:
        yield "phase 3", f"{recipe}/{declared['head']}"
