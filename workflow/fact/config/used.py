"""The part of the configuration that a run uses: nothing else can change its numbers."""

from fact.config.declared import Config
from fact.config.tables import is_labelled, of_segmentation, table_columns, table_rows
from fact.infra.fields import Settings


def used_config(config: Config) -> Settings:
    """Return the settings of the run and the entries that it names; enough for :class:`Config`."""
    tables = config.run["tables"]
    columns = [column for table in tables for column in table_columns(config, table)]
    rows = [row for table in tables for row in table_rows(config, table)]
    # what a table of segmentations uses is declared below `segmentation`
    classified = [table for table in tables if not of_segmentation(config, table)]
    asked = [row.method for table in classified for row in table_rows(config, table)]
    methods = {name: config.methods[name] for name in asked}
    recipes = _with_teachers(config, {method["recipe"] for method in methods.values() if "recipe" in method})
    calibrations = {name for name in (config.recipes[recipe].get("pseudo") for recipe in recipes) if name}
    heads = {method["head"] for method in methods.values() if "head" in method}
    selectors = _with_first_steps(config, [row.selector for row in rows])
    used = {
        "tables": tables,
        "rows": [
            row.label for table in tables if is_labelled(config, table) for row in table_rows(config, table)
        ],
        "datasets": [column.dataset for column in columns],
        "backbones": [column.backbone for column in columns],
        "selectors": selectors,
        "recipes": recipes,
        "calibrations": calibrations,
        "propagations": {
            *(config.calibrations[name].get("propagation") for name in calibrations),
            *(config.heads[name].get("pool", {}).get("propagation") for name in heads),
        },
        "probes": {
            *(method["probe"] for method in methods.values() if "probe" in method),
            *(config.recipes[name]["start"] for name in recipes),
            *(config.selectors[name].get("probe") for name in selectors),
        },
        "heads": heads,
    }
    entries = {
        kind: {name: config.entries(kind)[name] for name in names if name in config.entries(kind)}
        for kind, names in used.items()
    }
    whole = ["run", "training", *(["segmentation"] if classified != tables else [])]
    return {**{key: config.entries(key) for key in whole}, "methods": methods, **entries}


def _with_teachers(config: Config, recipes: set[str]) -> set[str]:
    """Return recipes, and those whose refined features give them pseudo-labels."""
    calibrations = [config.calibrations.get(config.recipes[name].get("pseudo") or "", {}) for name in recipes]
    return recipes | {entry["after"] for entry in calibrations if "after" in entry}


def _with_first_steps(config: Config, names: list[str]) -> list[str]:
    """Return the selectors, followed by those of their first steps."""
    result = list(names)
    for name in result:
        first = config.selectors[name].get("first")
        if first and first["selector"] not in result:
            result.append(first["selector"])
    return result
