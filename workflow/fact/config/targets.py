"""The files that each target asks for, and which files the cells of a table are."""

from collections.abc import Mapping

from fact.config import paths
from fact.config.cells import (
    run_cells,
    run_scores,
    score_path,
    selections,
    stage_files,
    table_artifacts,
    table_runs,
    tuned_score_path,
)
from fact.config.declared import Config
from fact.config.paths import Cell, fill, model_folder, selection_path
from fact.config.settings import index_settings, labelled_datasets, reading_settings
from fact.config.tables import declared_table, is_compared, of_segmentation, table_columns, table_datasets
from fact.infra.fields import Settings

FORMATS = ("csv", "md", "tex")
FIGURES = {"budgets": ("over-budget",), "bars": ("bars",), "none": ()}


def all_tables(config: Config) -> list[str]:
    """Return every file of every table that the run asks for."""
    return [path for table in config.run["tables"] for path in table_files(config, table)]


def table_files(config: Config, table: str) -> list[str]:
    """Return a table in all its formats, its figures, and what it was made from."""
    figures = FIGURES[declared_table(config, table)["figure"]]
    return [
        *(segmentation_files(config, table) if of_segmentation(config, table) else []),
        *table_artifacts(config, table),
        *(f"{table_path(table)}.{suffix}" for suffix in FORMATS),
        *(f"{paths.FIGURE.format(table=table)}-{name}.pdf" for name in figures),
    ]


def table_path(table: str) -> str:
    """Return the files of a table without their suffix."""
    return paths.TABLE.format(table=table)


def comparison_path(table: str) -> str:
    """Return the comparison of a table's rows."""
    return f"{table_path(table)}-comparison.csv"


def scores_path(table: str) -> str:
    """Return the scores of a table, one row per score."""
    return f"{paths.SCORES.format(table=table)}.parquet"


def segmentation_files(config: Config, table: str) -> list[str]:
    """Return the pages of example predictions of a table's datasets, and their indexes of masks."""
    datasets = table_datasets(config, table)
    return [
        *(f"{paths.DATASET.format(dataset=dataset)}/masks.parquet" for dataset in datasets),
        *(f"{panels_path(table, dataset)}.html" for dataset in datasets),
    ]


def panels_path(table: str, dataset: str) -> str:
    """Return the example predictions of a dataset without their suffix: a page, and a picture."""
    return paths.PANELS.format(table=table, dataset=dataset)


def panel_datasets(config: Config) -> list[tuple[str, str]]:
    """Return pairs (table, dataset) of the run that have example predictions."""
    tables = [table for table in config.run["tables"] if of_segmentation(config, table)]
    return [(table, dataset) for table in tables for dataset in table_datasets(config, table)]


def selection_files(config: Config) -> list[str]:
    """Return every selection of the run, its contact sheet, and the selectors side by side."""
    return [
        *selections(config),
        *files_beside_selections(config, "html"),
        *(f"{paths.SELECTORS}.{suffix}" for suffix in FORMATS),
    ]


def files_beside_selections(config: Config, suffix: str) -> list[str]:
    """Return what lies beside the selections of the run."""
    return list(dict.fromkeys(selection_path(cell, suffix) for cell in run_cells(config)))


def map_path(place: tuple[str, str]) -> str:
    """Return the map of the pool of a dataset and backbone."""
    dataset, backbone = place
    return f"{paths.FEATURES.format(dataset=dataset, backbone=backbone)}/pool-map.parquet"


def selector_cells(config: Config) -> list[Settings]:
    """Return which files are which selection's."""
    beside = {name: f"{name}.json" for name in ("measures", "timing")}
    return [
        {**cell._asdict(), **{name: selection_path(cell, suffix) for name, suffix in beside.items()}}
        for cell in run_cells(config)
    ]


def score_cells(config: Config, table: str) -> list[Settings]:
    """Return which score file is which cell's, and what tells the time of its stages."""
    segments = of_segmentation(config, table)
    return [
        {
            **cell._asdict(),
            "method": method,
            "path": score_path(config, cell, method),
            **({} if segments else {"tuned": tuned_score_path(config, cell, method)}),
            "stages": stage_files(config, cell, method),
        }
        for cell, method in table_runs(config, table)
    ]


def table_timings(config: Config, table: str) -> list[str]:
    """Return timing files of all stages behind a table's scores, each once."""
    files = [path for run in table_runs(config, table) for path in stage_files(config, *run).values()]
    return list(dict.fromkeys(files))


def model_files(config: Config) -> list[str]:
    """Return the model of every dataset of the run that has labels.

    Raises ConfigError when no dataset has labels.
    """
    return [
        f"{model_folder(dataset, backbone)}/{name}"
        for dataset in labelled_datasets(config)
        for backbone in config.datasets[dataset]["backbones"]
        for name in ("README.md", "next_to_label.csv")
    ]


def download_files(config: Config) -> list[str]:
    """Return sources and weights of the run: what needs a network, or local files."""
    columns = [column for table in config.run["tables"] for column in table_columns(config, table)]
    datasets, backbones = (dict.fromkeys(column[place] for column in columns) for place in (0, 1))
    return [
        *(f"{paths.SOURCE.format(dataset=name)}/source.json" for name in datasets),
        *(f"{paths.WEIGHTS.format(backbone=name)}/model.safetensors" for name in backbones),
    ]


def distortion_files() -> list[str]:
    """Return the table and the figure of distortion."""
    return [
        f"{paths.DISTORTION_TABLE}.csv",
        *(f"{paths.DISTORTION_FIGURE}.{suffix}" for suffix in ("pdf", "svg", "png")),
    ]


def distortion_cells(config: Config) -> list[Settings]:
    """Return cell, recipe and path of every record of distortion: of each cell with each recipe."""
    tuned = dict.fromkeys(
        (cell, config.methods[method].get("recipe"))
        for cell, method in run_scores(config)
        if not config.segments(cell.dataset)
    )
    return [
        {
            **cell._asdict(),
            "recipe": recipe,
            "path": f"{fill(paths.RECIPE, cell, recipe=recipe)}/distortion.json",
        }
        for cell, recipe in tuned
        if recipe
    ]


def distortion_records(config: Config) -> list[str]:
    """Return every record of distortion of the run."""
    return [str(cell["path"]) for cell in distortion_cells(config)]


def example_files(config: Config, table: str, dataset: str) -> Mapping[str, Mapping[str, str]]:
    """Return files of example predictions by section (backbone, selector, budget) and method.

    They are those of the first seed.
    """
    sections: dict[str, dict[str, str]] = {}
    for cell, method in table_runs(config, table):
        if cell.dataset == dataset and cell.seed == config.run["seeds"][0]:
            name = f"{cell.backbone}, {cell.selector}, {cell.budget}"
            folder = score_path(config, cell, method).removesuffix("score.json")
            sections.setdefault(name, {})[method] = f"{folder}shown.safetensors"
    return sections


def report_files(config: Config) -> dict[str, list[str]]:
    """Return what the report is made from, by kind; selections and distortion where the run asks for them."""
    tables, runs, cells = config.run["tables"], run_scores(config), run_cells(config)
    files = {
        "scores": [scores_path(table) for table in tables],
        "tables": [f"{table_path(table)}.csv" for table in tables],
        "comparisons": [comparison_path(table) for table in tables if is_compared(config, table)],
        "records": [score_path(config, *run) for run in runs],
        "timings": [path for run in runs for path in stage_files(config, *run).values()],
        "classes": [f"{paths.DATASET.format(dataset=cell.dataset)}/classes.json" for cell in cells],
        "weights": [f"{paths.WEIGHTS.format(backbone=cell.backbone)}/backbone.json" for cell in cells],
    }
    if classified := classified_datasets(config):
        files["manifests"] = [manifest_path(name) for name in classified]
        files["pictures"] = [pictures_path(name) for name in classified]
    if datasets := panel_datasets(config):
        files["panels"] = [f"{panels_path(*names)}.png" for names in datasets]
    if "selection" in config.run["report"]:
        files |= _selection_report(config, cells)
    if "distortion" in config.run["report"]:
        files["distortion"] = [f"{paths.DISTORTION_TABLE}.csv"]
    return {kind: list(dict.fromkeys(names)) for kind, names in files.items()}


def classified_datasets(config: Config) -> list[str]:
    """Return the datasets of the run whose images have one class each."""
    names = dict.fromkeys(cell.dataset for cell, _ in run_scores(config))
    return [name for name in names if not config.segments(name)]


def run_budgets(config: Config) -> dict[str, list[str]]:
    """Return the budgets of each dataset of the run: in its own order, then those of a table alone."""
    budgets: dict[str, dict[str, None]] = {}
    for cell, _ in run_scores(config):
        budgets.setdefault(cell.dataset, {})[cell.budget] = None
    own = {name: config.datasets[name]["budgets"] for name in budgets}
    return {
        name: [
            *(budget for budget in own[name] if budget in found),
            *(b for b in found if b not in own[name]),
        ]
        for name, found in budgets.items()
    }


def manifest_path(dataset: str) -> str:
    """Return the index of a dataset's images."""
    return f"{paths.DATASET.format(dataset=dataset)}/manifest.parquet"


def pictures_path(dataset: str) -> str:
    """Return the small pictures of a dataset that the report shows."""
    return paths.PICTURES.format(dataset=dataset)


def pictured_files(config: Config, dataset: str) -> dict[str, str | list[str]]:
    """Return what tells which pictures of a dataset the report shows, and what reads them.

    They are the picks of the first seed, and test images that were taken for another class, at the largest
    budget.
    """
    first = config.run["seeds"][0]
    here = [(cell, method) for cell, method in run_scores(config) if cell.dataset == dataset]
    picks = [selection_path(cell) for cell, _ in here if cell.seed == first]
    largest = run_budgets(config)[dataset][-1]
    return {
        "source": f"{paths.SOURCE.format(dataset=dataset)}/source.json",
        "manifest": manifest_path(dataset),
        "spec": f"{paths.WEIGHTS.format(backbone=here[0][0].backbone)}/backbone.json",
        "selections": list(dict.fromkeys(picks)) if "selection" in config.run["report"] else [],
        "records": [score_path(config, *run) for run in here if run[0].budget == largest],
    }


def picture_settings(config: Config, dataset: str) -> Settings:
    """Return how images are read for pictures, and how many datasets share the room of the page."""
    return {"reading": reading_settings(config, dataset), "datasets": len(classified_datasets(config))}


def _selection_report(config: Config, cells: list[Cell]) -> dict[str, list[str]]:
    spread = propagated_labels(config)
    return {
        "selectors": [f"{paths.SELECTORS}.csv"],
        "maps": [map_path((cell.dataset, cell.backbone)) for cell in cells],
        "selections": selections(config),
        "sheets": files_beside_selections(config, "html"),
        **({"propagated": list(spread.values())} if spread else {}),
    }


def propagated_labels(config: Config) -> dict[Cell, str]:
    """Return the labels that a row of the run has spread over the pool, by the first seed's cells.

    A cell without such a row is left out; of several rows the first one counts.
    """
    found: dict[Cell, str] = {}
    for cell, name in run_scores(config):
        method = config.methods[name]
        head = None if config.segments(cell.dataset) else method.get("head")
        asked = config.heads[head].get("pool") if head else None
        if asked and cell.seed == config.run["seeds"][0]:
            names = {"recipe": method["recipe"], "propagation": asked["propagation"]}
            found.setdefault(cell, fill(f"{paths.PROPAGATED}.parquet", cell, **names))
    return found


def example_settings(config: Config, table: str, dataset: str) -> Settings:
    """Return how images and masks are read, and which example predictions stand in which section."""
    sections = example_files(config, table, dataset)
    methods = list(dict.fromkeys(method for files in sections.values() for method in files))
    return {**index_settings(config, dataset), "sections": sections, "methods": methods}
