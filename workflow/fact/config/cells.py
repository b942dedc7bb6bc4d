"""The cells of a run: every selection that its tables need, and what is trained on each."""

from decimal import Decimal

from fact.config.declared import Config
from fact.config.paths import PROBE, RECIPE, RUN, Cell, fill, method_folder, run_folder, selection_path
from fact.config.tables import runs_on, table_columns, table_rows


def table_cells(config: Config, table: str) -> list[Cell]:
    """Return all cells of a table, in the order of its columns."""
    selectors = dict.fromkeys(row.selector for row in table_rows(config, table))
    return [
        Cell(*column[:2], selector, column.budget, seed)
        for column in table_columns(config, table)
        for selector in selectors
        for seed in config.run["seeds"]
    ]


def table_runs(config: Config, table: str) -> list[tuple[Cell, str]]:
    """Return every cell with every method that a row asks for and its backbone can have, each once."""
    methods: dict[str, list[str]] = {}
    for row in table_rows(config, table):
        asked = methods.setdefault(row.selector, [])
        asked += [] if row.method in asked else [row.method]
    return [
        (cell, method)
        for cell in table_cells(config, table)
        for method in methods[cell.selector]
        if runs_on(config, method, cell.dataset, backbone=cell.backbone)
    ]


def run_cells(config: Config) -> list[Cell]:
    """Return every cell of every table of the run, once."""
    tables = config.run["tables"]
    return list(dict.fromkeys(cell for table in tables for cell in table_cells(config, table)))


def run_scores(config: Config) -> list[tuple[Cell, str]]:
    """Return every cell with every method that some table of the run has a score of, once."""
    tables = config.run["tables"]
    return list(dict.fromkeys(run for table in tables for run in table_runs(config, table)))


def table_scores(config: Config, table: str) -> list[str]:
    """Return the score files that a table needs."""
    return [score_path(config, cell, method) for cell, method in table_runs(config, table)]


def table_artifacts(config: Config, table: str) -> list[str]:
    """Return selections, checkpoints and scores behind a table, each once.

    A target asks for them by name: Snakemake makes a deleted file again only when it is asked for, or
    when something that needs it is missing too.
    """
    runs = table_runs(config, table)
    recipes = [(cell, config.method(cell.dataset, name).get("recipe")) for cell, name in runs]
    checkpoints = [
        f"{fill(RECIPE, cell, recipe=recipe)}/checkpoint.safetensors" for cell, recipe in recipes if recipe
    ]
    selected = map(selection_path, table_cells(config, table))
    return list(dict.fromkeys([*selected, *checkpoints, *table_scores(config, table)]))


def score_path(config: Config, cell: Cell, method: str) -> str:
    """Return the score file of a method in a cell."""
    return f"{run_folder(cell)}/{method_folder(config.method(cell.dataset, method))}/score.json"


def tuned_score_path(config: Config, cell: Cell, method: str) -> str | None:
    """Return the score file of phase 2, which counts what it trains; None for a probe."""
    recipe = config.method(cell.dataset, method).get("recipe")
    return f"{fill(RECIPE, cell, recipe=recipe)}/score.json" if recipe else None


def stage_files(config: Config, cell: Cell, method: str) -> dict[str, str]:
    """Return the timing file of each stage of a method, from the selection to its last."""
    declared = config.method(cell.dataset, method)
    recipe, head = declared.get("recipe", ""), declared.get("head")
    start = config.task(cell.dataset).recipes[recipe]["start"] if recipe else declared["probe"]
    files = {"select": selection_path(cell, "timing.json")}
    if start != "random":
        files["probe"] = f"{fill(PROBE, cell, probe=start)}/timing.json"
    if recipe:
        files["tune"] = f"{fill(RECIPE, cell, recipe=recipe)}/timing.json"
    if head:
        refined = "maps" if config.segments(cell.dataset) else "refined"
        files["refine"] = f"{fill(RECIPE, cell, recipe=recipe)}/{refined}.timing.json"
        files["head"] = f"{fill(RUN, cell)}/{recipe}/{head}/timing.json"
    return files


def selections(config: Config) -> list[str]:
    """Return all selections that the run asks for, each once."""
    return list(dict.fromkeys(selection_path(cell) for cell in run_cells(config)))


def first_step(config: Config, cell: Cell) -> Cell | None:
    """Return the cell of the first step of a two-step selector; None for a selector of one step.

    The first step labels a share of the budget: of a number of images rounded down, at least one; of a
    percentage without rounding.
    """
    first = config.selectors[cell.selector].get("first")
    if first is None:
        return None
    share = Decimal(str(first["share"]))
    if cell.budget.endswith("img"):
        budget = f"{max(1, int(int(cell.budget.removesuffix('img')) * share))}img"
    else:
        budget = f"{(Decimal(cell.budget.removesuffix('pct')) * share).normalize():f}pct"
    return cell._replace(selector=first["selector"], budget=budget)
