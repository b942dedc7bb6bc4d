"""What is to be run: cells, their paths, and the settings of each stage, as pure functions of the config."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from fact.config.tables import registry, runs_on, table_columns, table_rows

RESULTS = "results"
# tuners whose result is the backbone itself, with other weights
MERGED_TUNERS = ("full", "lora")
FROZEN = "frozen"


class Cell(NamedTuple):
    """One selection and what is trained on it."""

    dataset: str
    backbone: str
    selector: str
    budget: str
    seed: int


def table_cells(config: dict, table: str) -> list[Cell]:
    """All cells of a table, in the order of its columns."""
    selectors = dict.fromkeys(row.selector for row in table_rows(config, table))
    return [
        Cell(*column[:2], selector, column.budget, seed)
        for column in table_columns(config, table)
        for selector in selectors
        for seed in config["run"]["seeds"]
    ]


def table_runs(config: dict, table: str) -> list[tuple[Cell, str]]:
    """Every cell with every method that a row asks for and that can run on its backbone, each once."""
    methods: dict[str, list[str]] = {}
    for row in table_rows(config, table):
        asked = methods.setdefault(row.selector, [])
        asked += [] if row.method in asked else [row.method]
    return [
        (cell, method)
        for cell in table_cells(config, table)
        for method in methods[cell.selector]
        if runs_on(config, method, cell.dataset, cell.backbone)
    ]


def table_scores(config: dict, table: str) -> list[str]:
    """Paths of the score files that a table needs."""
    return [score_path(config, cell, method) for cell, method in table_runs(config, table)]


def table_artifacts(config: dict, table: str) -> list[str]:
    """Selections, checkpoints and scores behind a table, each once.

    A target asks for them by name: Snakemake makes a deleted file again only when it is asked for, or
    when something that needs it is missing too.
    """
    recipes = [(cell, _method(config, cell, name).get("recipe")) for cell, name in table_runs(config, table)]
    checkpoints = [
        f"{run_folder(cell)}/{recipe}/checkpoint.safetensors" for cell, recipe in recipes if recipe
    ]
    selected = map(selection_path, table_cells(config, table))
    paths = [*selected, *checkpoints, *table_scores(config, table)]
    return list(dict.fromkeys(paths))


def stage_files(config: dict, cell: Cell, method: str) -> dict[str, str]:
    """What tells how long each stage of a method took, from the selection to its last: timing files."""
    task, folder = registry(config, cell.dataset), run_folder(cell)
    declared = task["methods"][method]
    files = {"select": selection_path(cell).removesuffix("csv") + "timing.json"}
    recipe = declared.get("recipe")
    probe = task["recipes"][recipe]["start"] if recipe else declared["probe"]
    if probe != "random":
        files["probe"] = f"{folder}/probe/{probe}/timing.json"
    if recipe:
        files["tune"] = f"{folder}/{recipe}/timing.json"
    if declared.get("head"):
        refined = "refined" if task is config else "maps"
        files["refine"] = f"{folder}/{recipe}/{refined}.timing.json"
        files["head"] = f"{folder}/{recipe}/{declared['head']}/timing.json"
    return files


def score_path(config: dict, cell: Cell, method: str) -> str:
    """The score file of a method in a cell."""
    return f"{run_folder(cell)}/{method_folder(_method(config, cell, method))}/score.json"


def _method(config: dict, cell: Cell, method: str) -> dict:
    """What a method means for the task of a cell's dataset."""
    return registry(config, cell.dataset)["methods"][method]


def tuned_score_path(config: dict, cell: Cell, method: str) -> str | None:
    """The score file of phase 2, which counts what it trains; None for a probe."""
    recipe = config["methods"][method].get("recipe")
    return f"{run_folder(cell)}/{recipe}/score.json" if recipe else None


def run_folder(cell: Cell) -> str:
    """The folder of a selection's trainings."""
    return f"{RESULTS}/runs/{cell.dataset}/{cell.backbone}/{cell.selector}/{cell.budget}/seed{cell.seed}"


def method_folder(method: dict) -> str:
    """Where a method's last stage writes, inside the run folder."""
    if method.get("probe"):
        return f"probe/{method['probe']}"
    return "/".join(part for part in (method["recipe"], method.get("head")) if part)


def selection_path(cell: Cell) -> str:
    """The selection of a cell."""
    folder = f"{RESULTS}/selections/{cell.dataset}/{cell.backbone}/{cell.selector}/{cell.budget}"
    return f"{folder}/seed{cell.seed}.csv"


def selections(config: dict) -> list[str]:
    """All selections that the run asks for, each once."""
    tables = config["run"]["tables"]
    return list(
        dict.fromkeys(selection_path(cell) for table in tables for cell in table_cells(config, table))
    )


def first_step(config: dict, cell: Cell) -> Cell | None:
    """The cell whose selection a two-step selector buys first; None for a selector of one step.

    Its budget is a share of the whole one, at least an image; of a percentage it is exact.
    """
    first = config["selectors"][cell.selector].get("first")
    if first is None:
        return None
    share = Decimal(str(first["share"]))
    if cell.budget.endswith("img"):
        budget = f"{max(1, int(int(cell.budget.removesuffix('img')) * share))}img"
    else:
        budget = f"{(Decimal(cell.budget.removesuffix('pct')) * share).normalize():f}pct"
    return cell._replace(selector=first["selector"], budget=budget)


def recipe_settings(config: dict, dataset: str, backbone: str, recipe: str, budget: str) -> dict:
    """A recipe with every default and override resolved (see config/recipes.yaml for the order)."""
    declared = config["datasets"][dataset]
    own = dict(declared["recipes"].get(recipe, {}))
    by_budget = own.pop("budgets", {})
    layers = [
        config["training"],
        config["backbones"][backbone]["training"],
        declared["training"],
        config["recipes"][recipe],
        own,
        by_budget.get(budget, {}),
    ]
    return plain(_merged(layers))


def model_folder(dataset: str, backbone: str) -> str:
    """Where the model of a dataset's labels lies."""
    return f"{RESULTS}/models/{dataset}/{backbone}"


def model_files(config: dict) -> list[str]:
    """What the target ``model`` asks for: a folder for each dataset of the run with ``labels``, and backbone.

    Raises ValueError when no dataset has labels.
    """
    datasets = [name for name in config["run"]["datasets"] if config["datasets"][name].get("labels")]
    if not datasets:
        raise ValueError(
            f"none of the datasets {', '.join(config['run']['datasets'])} has `labels`; set "
            "datasets.NAME.labels to the file that `fact labels import` wrote"
        )
    return [
        f"{model_folder(dataset, backbone)}/{name}"
        for dataset in datasets
        for backbone in config["datasets"][dataset]["backbones"]
        for name in ("README.md", "next_to_label.csv")
    ]


def model_candidates(config: dict, backbone: str) -> list[str]:
    """What a model is chosen among, the simplest first: the frozen backbone, and recipes that it can have."""
    tuners = config["backbones"][backbone].get("tuners") or MERGED_TUNERS
    recipes = config["model"]["recipes"]
    return [FROZEN, *(name for name in recipes if config["recipes"][name]["tuner"] in tuners)]


def model_phases(config: dict, dataset: str, backbone: str, candidate: str) -> dict:
    """Settings of all phases of a candidate; ``recipe`` and ``probe`` are None where it has none."""
    recipe = probe = None
    if candidate != FROZEN:
        recipe = recipe_settings(config, dataset, backbone, candidate, "")
        start = config["recipes"][candidate]["start"]
        probe = None if start == "random" else probe_settings(config, dataset, backbone, start)
    run = {key: config["run"][key] for key in ("precision", "batch_size")}
    return plain({"recipe": recipe, "probe": probe, "head": config["heads"][config["model"]["head"]], **run})


def transforms(config: dict, dataset: str) -> tuple[str, str]:
    """How images become squares: for selection and training, and for what a tuned backbone sees after it.

    They are the same but for ``released``, as ActiveFT's code has it, which selects on whole images and cuts
    their borders off in evaluation.
    """
    declared = config["datasets"][dataset]["transform"]
    return ("squash", "inner_crop") if declared == "released" else (declared, declared)


def selector_settings(config: dict, dataset: str, selector: str) -> dict:
    """A selector's settings, with what a dataset has other parameters for."""
    declared = config["selectors"][selector]
    own = config["datasets"][dataset].get("selectors", {}).get(selector, {})
    return plain({**declared, "params": {**declared["params"], **own}})


def calibration_settings(config: dict, dataset: str, calibration: str) -> dict:
    """A calibration's settings, likewise."""
    declared = config["calibrations"][calibration]
    own = config["datasets"][dataset].get("calibrations", {}).get(calibration, {})
    return plain({**declared, "params": {**declared["params"], **own}})


def probe_settings(config: dict, dataset: str, backbone: str, probe: str) -> dict:
    """A probe's settings; an SGD probe's training is resolved like a recipe's."""
    declared = config["probes"][probe]
    if declared["kind"] == "lbfgs":
        return plain(declared)
    layers = [
        config["training"],
        config["backbones"][backbone]["training"],
        config["datasets"][dataset]["training"],
        declared["training"],
    ]
    return plain({"kind": "sgd", "training": _merged(layers)})


def evaluation_epochs(settings: dict, history: str) -> list[int]:
    """0-based epochs after which the model is scored on the test images; the last is always among them."""
    last = settings["epochs"] - 1
    if history == "last":
        return [last]
    return sorted({*range(settings["history_every"] - 1, last, settings["history_every"]), last})


def input_path(path: str, here: Path) -> str:
    """A configured file as an input of a job: relative where it lies below ``here``, the working directory.

    Raises ValueError for braces in what is left, which Snakemake would take for a wildcard.
    """
    found = Path(path)
    name = str(found.relative_to(here)) if found.is_relative_to(here) else path
    if "{" in name or "}" in name:
        raise ValueError(f"{path} has braces, which Snakemake fills in; rename it, or give a link to it")
    return name


def plain(settings: object) -> dict:
    """Plain JSON types with sorted keys: what Snakemake compares between runs."""
    return json.loads(json.dumps(settings, sort_keys=True))


def _merged(layers: Iterable[dict]) -> dict:
    merged: dict = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = {**merged[key], **value} if both else value
    return merged
