"""What `fact smoke` runs: of each dataset and backbone the largest cell, with two epochs."""

from collections.abc import Iterator
from pathlib import Path

from fact.config.cells import run_scores
from fact.config.declared import Config
from fact.config.paths import RECIPE, Cell, fill, method_folder, run_folder
from fact.config.settings import merged
from fact.config.weights_source import LOCAL_DIR
from fact.infra.fields import Settings

EPOCHS = 2
ITERATIONS = 20
# keys of a dataset that name files or folders
OF_DATASET = ("root", "labels", "already_labelled")
# the short schedule that every training gets
SHORT = {"epochs": EPOCHS, "warmup_epochs": 1}
SHORT_SEGMENTATION = {"iterations": ITERATIONS, "warmup_iterations": 2, "report_every": 10}


def smoke_overlay(config: Config) -> Settings:
    """Return an overlay that shortens every training; folders of images stay where they are."""
    recipes = {name: SHORT for name in config.recipes}
    datasets = {name: _dataset(entry, recipes) for name, entry in config.datasets.items()}
    backbones = {name: _backbone(entry) for name, entry in config.backbones.items()}
    moved = {name: entry for name, entry in backbones.items() if entry}
    overlay: Settings = {"training": SHORT, "recipes": recipes, "datasets": datasets, "backbones": moved}
    if not config.segmentation:
        return overlay
    heads = {
        name: {"training": SHORT_SEGMENTATION, "search": SHORT_SEGMENTATION}
        for name in config.segmentation["heads"]
    }
    return merged([overlay, {"segmentation": {"training": SHORT_SEGMENTATION, "heads": heads}}])


def smoke_targets(config: Config) -> list[str]:
    """Return scores to ask for: one of each kind of stage, of the largest cells."""
    targets: dict[str, None] = {}
    for cell, methods in _largest(config).items():
        for method in methods:
            entry = config.method(cell.dataset, method)
            targets[f"{run_folder(cell)}/{method_folder(entry)}/score.json"] = None
            if entry.get("recipe") and not config.segments(cell.dataset):
                targets[fill(f"{RECIPE}/bare_loop.json", cell, recipe=entry["recipe"])] = None
    return list(targets)


def _dataset(entry: Settings, recipes: Settings) -> Settings:
    """Return what shortens the dataset's own schedules, and its root from any folder."""
    own = {"training": SHORT} if entry.get("task") != "segmentation" else {}
    shortened = {name: {**SHORT, "budgets": {}} for name in entry.get("recipes", {}) if name in recipes}
    return {**own, **({"recipes": shortened} if shortened else {}), **_absolute(entry, OF_DATASET)}


def _absolute(entry: Settings, keys: tuple[str, ...]) -> Settings:
    """Return those of the keys that name a file or folder of this folder, with its whole path."""
    given = {key: Path(entry[key]) for key in keys if isinstance(entry.get(key), str)}
    return {key: str(path.absolute()) for key, path in given.items() if path.exists()}


def _backbone(entry: Settings) -> Settings:
    folder = Path(entry["model"].removeprefix(LOCAL_DIR))
    is_local = entry["model"].startswith(LOCAL_DIR)
    local = {"model": f"{LOCAL_DIR}{folder.absolute()}"} if is_local else {}
    return {**local, **_absolute(entry, ("weights",))}


def _largest(config: Config) -> dict[Cell, list[str]]:
    """Return the largest cell of each dataset and backbone, with methods that differ in their stages."""
    cells: dict[Cell, list[str]] = {}
    for cell, method in run_scores(config):
        cells.setdefault(cell, []).append(method)
    chosen: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        before = chosen.get((cell.dataset, cell.backbone))
        if before is None or _rank(cell, cells) > _rank(before, cells):
            chosen[cell.dataset, cell.backbone] = cell
    return {cell: list(_different(config, cell, cells[cell])) for cell in chosen.values()}


def _rank(cell: Cell, cells: dict[Cell, list[str]]) -> tuple[bool, float, int]:
    """Return how large a cell is: a share of the pool, or a number of images, then its methods."""
    number = float(cell.budget.removesuffix("pct").removesuffix("img"))
    return cell.budget.endswith("pct"), number, len(cells[cell])


def _different(config: Config, cell: Cell, methods: list[str]) -> Iterator[str]:
    """Yield the first method of each kind: a probe, a tuner, a head."""
    seen = set()
    for method in methods:
        entry = config.method(cell.dataset, method)
        recipe = config.task(cell.dataset).recipes.get(entry.get("recipe") or "", {})
        kind = (bool(entry.get("probe")), recipe.get("tuner"), bool(entry.get("head")))
        if kind not in seen and not recipe.get("pseudo"):
            seen.add(kind)
            yield method
