"""What the schema cannot see of a configuration of segmentation: names, sources and lengths."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from fact.config.declared import SEGMENTATION, Config, Entries
from fact.config.key_text import known_names
from fact.config.segmentation import segmentation_head_settings, stage_settings
from fact.config.settings import Settings
from fact.config.tables import table_columns, table_datasets, table_rows

SOURCES = Path(__file__).parents[1] / "data/sources"


def segmentation_problems(config: Config) -> list[str]:
    """Return every problem, a line each: the key, the value and the remedy."""
    declared = config.segmentation
    return [
        *_unknown_names(declared),
        *_wrong_sources(config),
        *(_long_warmups(config) if not list(_unknown_names(declared)) else []),
        *_selectors_of_classes(config),
    ]


def _unknown_names(declared: Mapping[str, Entries]) -> Iterator[str]:
    for name, recipe in declared["recipes"].items():
        if recipe["start"] not in ("random", *declared["probes"]):
            known = known_names(recipe["start"], declared["probes"])
            problem = f"'{recipe['start']}' is not in probes; {known}"
            yield f"segmentation.recipes.{name}.start: {problem}"
    for name, method in declared["methods"].items():
        for kind, value in method.items():
            if value not in declared[f"{kind}s"]:
                known = known_names(value, declared[f"{kind}s"])
                yield f"segmentation.methods.{name}.{kind}: '{value}' is not in {kind}s; {known}"


def _wrong_sources(config: Config) -> Iterator[str]:
    for name, dataset in config.datasets.items():
        has_masks = _defines(dataset["source"], "read_mask")
        if config.segments(name) and has_masks is False:
            yield (
                f"datasets.{name}.source: {dataset['source']} has no masks; for task: segmentation use "
                "mask_folder or ade20k"
            )
        if has_masks and not config.segments(name):
            yield f"datasets.{name}.task: missing; the source {dataset['source']} needs task: segmentation"


def _defines(source: str, function: str) -> bool | None:
    """Return whether a source has a function, read without importing it; None for no source."""
    path = SOURCES / f"{source}.py"
    if not source.isidentifier() or not path.is_file():
        return None
    body = ast.parse(path.read_text("utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in body)


def _long_warmups(config: Config) -> Iterator[str]:
    """Return problems of trainings that end before their warm-up does, on the datasets of the run's
    tables.
    """
    columns = {
        (column.dataset, column.budget)
        for table in config.run["tables"]
        for column in table_columns(config, table)
        if config.segments(column.dataset)
    }
    named = set()
    for dataset, budget in sorted(columns):
        for key, training in _trainings(config, dataset, budget):
            warmup, iterations = training["warmup_iterations"], training["iterations"]
            if warmup >= iterations and key not in named:
                named.add(key)
                yield (
                    f"{key}.warmup_iterations: {warmup} on {dataset} leave nothing of {iterations} "
                    "iterations; set it below them"
                )


def _trainings(config: Config, dataset: str, budget: str) -> Iterator[tuple[str, Settings]]:
    declared = config.segmentation
    for kind in ("probes", "recipes"):
        for name, own in declared[kind].items():
            yield (
                f"{SEGMENTATION}.{kind}.{name}",
                stage_settings(config, dataset, budget, own=own)["training"],
            )
    for name in declared["heads"]:
        settings = segmentation_head_settings(config, dataset, budget, head=name)
        yield f"{SEGMENTATION}.heads.{name}.training", settings["training"]
        yield f"{SEGMENTATION}.heads.{name}.search", settings["search"]


def _selectors_of_classes(config: Config) -> Iterator[str]:
    """Refuse selectors of two steps: they learn from classes of images, which segmentation does not have."""
    for table in config.run["tables"]:
        datasets = table_datasets(config, table)
        if any(config.segments(dataset) for dataset in datasets):
            for name in dict.fromkeys(row.selector for row in table_rows(config, table)):
                if "first" in config.selectors[name]:
                    yield (
                        f"tables.{table}: selector '{name}' learns from classes of images, and "
                        f"{datasets[0]} has none; use one of a single step, such as activeft"
                    )
