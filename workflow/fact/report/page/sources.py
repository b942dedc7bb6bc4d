"""Which files the report of a run is made from, as pure functions of the config."""

from fact.config import paths as plan
from fact.config.segmentation import segments
from fact.config.tables import declared_table, of_segmentation, table_datasets

PAGE = f"{plan.RESULTS}/report/index.html"
TEMPLATES = ("page.html.j2", "page.css", "page.js")
"""What the page is written with beside this package's modules."""


def report_files(config: dict) -> dict[str, list[str]]:
    """Paths by kind; selections and distortion only where ``run.report`` asks for them."""
    tables, runs, cells = config["run"]["tables"], run_scores(config), run_cells(config)
    places = dict.fromkeys((cell.dataset, cell.backbone) for cell in cells)
    files = {
        "scores": [
            f"{plan.RESULTS}/scores/{table}.parquet" for table in tables if not of_segmentation(config, table)
        ],
        "tables": [table_path(table) for table in tables],
        "comparisons": [comparison_path(table) for table in tables if is_compared(config, table)],
        "records": [plan.score_path(config, *run) for run in runs],
        "timings": [path for run in runs for path in plan.stage_files(config, *run).values()],
        "classes": [f"{plan.RESULTS}/datasets/{dataset}/classes.json" for dataset, _ in places],
        "weights": [f"{plan.RESULTS}/weights/{backbone}/backbone.json" for _, backbone in places],
    }
    if shown := shown_datasets(config):
        files["panels"] = [panels_path(*names) for names in shown]
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


def run_scores(config: dict) -> list[tuple[plan.Cell, str]]:
    """Every cell with every method that some table of the run has a score of, once."""
    return list(
        dict.fromkeys(run for table in config["run"]["tables"] for run in plan.table_runs(config, table))
    )


def distortion_cells(config: dict) -> list[dict]:
    """Cell, recipe and path of every record of distortion: each cell with each recipe of its methods."""
    tuned = dict.fromkeys(
        (cell, config["methods"][method].get("recipe"))
        for cell, method in run_scores(config)
        if not segments(config["datasets"][cell.dataset])
    )
    return [
        plan.plain(
            {
                **cell._asdict(),
                "recipe": recipe,
                "path": f"{plan.run_folder(cell)}/{recipe}/distortion.json",
            }
        )
        for cell, recipe in tuned
        if recipe
    ]


def shown_datasets(config: dict) -> list[tuple[str, str]]:
    """Pairs (table, dataset) of the run whose segmentations are shown."""
    return [
        (table, dataset)
        for table in config["run"]["tables"]
        if of_segmentation(config, table)
        for dataset in table_datasets(config, table)
    ]


def is_compared(config: dict, table: str) -> bool:
    """Whether a table's rows are ranked and compared with one of them."""
    return declared_table(config, table)["kind"] == "accuracy"


def table_path(table: str) -> str:
    """The cells of a table."""
    return f"{plan.RESULTS}/tables/{table}.csv"


def comparison_path(table: str) -> str:
    """The comparison of a table's rows."""
    return f"{plan.RESULTS}/tables/{table}-comparison.csv"


def panels_path(table: str, dataset: str) -> str:
    """The picture of segmentations of a dataset; its page, of all settings, has the suffix html."""
    return f"{plan.RESULTS}/figures/{table}-{dataset}-panels.png"


def map_path(place: tuple[str, str]) -> str:
    """The map of the pool of a dataset and backbone."""
    return f"{plan.RESULTS}/features/{place[0]}/{place[1]}/pool-map.parquet"


def sheet_path(selection: str) -> str:
    """The contact sheet of a selection."""
    return selection.removesuffix("csv") + "html"
