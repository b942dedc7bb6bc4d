"""The part of the configuration that a run uses: what else is declared says nothing about its numbers."""

from collections.abc import Iterable

from fact import plan


def used_config(config: dict) -> dict:
    """The settings of the run and the registries' entries that it names; enough for :mod:`fact.plan`."""
    specs = [plan.table_spec(config, table) for table in config["run"]["tables"]]
    datasets = _named(specs, "datasets")
    methods = {name: config["methods"][name] for name in _named(specs, "methods")}
    recipes = {method["recipe"] for method in methods.values() if "recipe" in method}
    selectors = _with_first_steps(config, _named(specs, "selectors"))
    probes = {
        *(method["probe"] for method in methods.values() if "probe" in method),
        *(config["recipes"][name]["start"] for name in recipes),
        *(config["selectors"][name].get("probe") for name in selectors),
    }
    used = {
        "tables": config["run"]["tables"],
        "datasets": datasets,
        "backbones": [name for dataset in datasets for name in config["datasets"][dataset]["backbones"]],
        "selectors": selectors,
        "recipes": recipes,
        "calibrations": {config["recipes"][name].get("pseudo") for name in recipes},
        "probes": probes,
        "heads": {method["head"] for method in methods.values() if "head" in method},
    }
    entries = {
        kind: {name: config[kind][name] for name in names if name in config[kind]}
        for kind, names in used.items()
    }
    return plan.plain({"run": config["run"], "training": config["training"], "methods": methods, **entries})


def _named(specs: Iterable[dict], kind: str) -> list[str]:
    return list(dict.fromkeys(name for spec in specs for name in spec[kind]))


def _with_first_steps(config: dict, names: list[str]) -> list[str]:
    """The selectors and those that they stand on."""
    found = list(names)
    for name in found:
        first = config["selectors"][name].get("first")
        if first and first["selector"] not in found:
            found.append(first["selector"])
    return found
