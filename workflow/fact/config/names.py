"""Names in a configuration, checked against each other and against the plug-ins."""

from collections.abc import Iterator

from fact.config.declared import MERGED_TUNERS, Config, Entries, Entry
from fact.config.groups import FORMS, groups_problem
from fact.config.key_text import known_names, show
from fact.config.plugin_parameters import modules, parameters
from fact.config.segmentation_checks import segmentation_problems
from fact.config.tables import declared_table, not_applicable, of_segmentation, table_columns, table_rows


def name_problems(config: Config) -> list[str]:
    """Return every problem, one line each: the key, the value and the remedy.

    They are names that are used and not declared, names declared twice where both become a target, plug-ins
    and parameters that do not exist, and tables that nothing can fill.
    """
    unknown = [problem for asked in _asked_names(config) for problem in _unknown(*asked, config)]
    unknown += list(_group_problems(config))
    twice = sorted(set(config.tables) & set(config.datasets))
    unknown += [f"datasets.{name}: '{name}' is a table's name too; rename one of them" for name in twice]
    unknown += [
        problem
        for kind in ("selectors", "calibrations")
        for name, entry in config.entries(kind).items()
        if "module" in entry
        for problem in _module_problems(f"{kind}.{name}", _package(kind, entry), entry)
    ]
    unknown += [
        problem
        for dataset, entry in config.datasets.items()
        for kind in ("selectors", "calibrations")
        for name, params in entry.get(kind, {}).items()
        if "module" in config.entries(kind).get(name, {})
        for problem in _override_problems(
            f"datasets.{dataset}.{kind}.{name}", kind, config.entries(kind)[name], params=params
        )
    ]
    unknown += [
        problem
        for key, heads in (
            ("heads", config.heads),
            ("segmentation.heads", config.segmentation["heads"]),
        )
        for name, head in heads.items()
        for problem in _augmentation_problems(f"{key}.{name}", head)
    ]
    unknown = unknown or list(_model_problems(config))
    unknown = unknown or [
        f"selectors.{name}.first.selector: '{name}' stands on itself in the end; name another selector"
        for name in config.selectors
        if _stands_on_itself(config.selectors, name)
    ]
    unknown = unknown or [*_start_problems(config), *_teacher_problems(config)]
    unknown = unknown or segmentation_problems(config)
    return unknown or [line for name in config.run["tables"] for line in _table_problems(config, name)]


def _group_problems(config: Config) -> Iterator[str]:
    """Yield datasets whose groups are written in none of the forms."""
    for name, entry in config.datasets.items():
        if entry.get("groups") and config.segments(name):
            yield f"datasets.{name}.groups: segmentation splits nothing by groups; take the key out"
        if entry.get("spread_over_groups") and not entry.get("groups"):
            yield f"datasets.{name}.spread_over_groups: true needs `groups`; write {FORMS}, or take it out"
        if (groups := entry.get("groups")) and (problem := groups_problem(groups)):
            yield (
                f"datasets.{name}.groups: {show(groups)} {problem}; write {FORMS}, "
                "or null where images are independent"
            )


def _model_problems(config: Config) -> Iterator[str]:
    """Return problems of recipes that a delivered model cannot have:
    their backbone is no model of timm's any more.
    """
    for name in config.model.get("recipes", []):
        recipe = config.recipes[name]
        if recipe["tuner"] not in MERGED_TUNERS or recipe.get("pseudo"):
            yield (
                f"model.recipes: '{name}' cannot be merged into a model; take recipes of tuner "
                f"{' or '.join(MERGED_TUNERS)} without pseudo-labels"
            )


def _start_problems(config: Config) -> Iterator[str]:
    """Yield recipes that start from a probe on transformed vectors, which no last layer of a model can be."""
    for name, recipe in config.recipes.items():
        start = recipe["start"]
        if start != "random" and config.probes[start].get("transform", "none") != "none":
            yield (
                f"recipes.{name}.start: '{start}' transforms its vectors, which a model's last layer cannot; "
                "name a probe without transform"
            )


def _teacher_problems(config: Config) -> Iterator[str]:
    """Yield calibrations whose recipe is itself trained on propagated labels, which could go round in a
    ring.
    """
    for name, entry in config.calibrations.items():
        pseudo = config.recipes[entry["after"]].get("pseudo") if "after" in entry else None
        if pseudo and "after" in config.calibrations[pseudo]:
            yield (
                f"calibrations.{name}.after: '{entry['after']}' is itself trained on propagated labels; "
                "name a recipe of the first round"
            )


def _table_problems(config: Config, table: str) -> Iterator[str]:
    """Return problems of methods of a table that can run on none of its backbones, and a reference that is
    no row of it.
    """
    columns = table_columns(config, table)
    tasks = {config.datasets[column.dataset].get("task", "classification") for column in columns}
    expected = "segmentation" if of_segmentation(config, table) else "classification"
    if tasks != {expected}:
        yield (
            f"tables.{table}.datasets: {', '.join(dict.fromkeys(c.dataset for c in columns))} have the task "
            f"{' and '.join(sorted(tasks))}, a table of this kind has {expected} (segmentation: table7)"
        )
        return
    left_out = not_applicable(config, table)
    backbones = {column.backbone for column in columns}
    for method in dict.fromkeys(row.method for row in table_rows(config, table)):
        if backbones <= {backbone for backbone, other in left_out if other == method}:
            yield from _idle_method(config, table, method, dataset=columns[0].dataset, backbones=backbones)
    labels, reference = (
        [row.label for row in table_rows(config, table)],
        declared_table(config, table)["reference"],
    )
    if reference is not None and reference not in labels:
        yield f"tables.{table}.reference: '{reference}' is no row of it; {known_names(reference, labels)}"


def _idle_method(config: Config, table: str, method: str, dataset: str, backbones: set[str]) -> Iterator[str]:
    """Return why a method can run on none of a table's backbones."""
    task = config.task(dataset)
    if method not in task.methods:
        known = known_names(method, task.methods)
        yield f"tables.{table}: {method} is no method of segmentation; take it out, {known}"
        return
    tuner = task.recipes[task.methods[method]["recipe"]]["tuner"]
    yield (
        f"tables.{table}: {method} cannot run on {', '.join(sorted(backbones))}, whose `tuners` do not have "
        f"'{tuner}'; take the method out, or add a backbone that has, such as a plain vision transformer"
    )


def _package(kind: str, entry: Entry) -> str:
    if kind == "calibrations":
        return "selection/calibrations"
    return "selection/second_steps" if "first" in entry else "selection/selectors"


def _module_problems(key: str, package: str, entry: Entry) -> Iterator[str]:
    known = parameters(package, entry["module"])
    if known is None:
        remedy = known_names(entry["module"], modules(package))
        yield f"{key}.module: '{entry['module']}' is no file of fact/{package}; {remedy}"
        return
    yield from _unknown_parameters(f"{key}.params", entry["module"], known, params=entry["params"])


def _override_problems(key: str, kind: str, entry: Entry, params: Entry) -> Iterator[str]:
    """Yield parameters that a dataset gives a selector or calibration, which may have none of these names."""
    known = parameters(_package(kind, entry), entry["module"])
    yield from _unknown_parameters(key, entry["module"], known or [], params=params)


def _unknown_parameters(key: str, module: str, known: list[str], params: Entry) -> Iterator[str]:
    for name, value in params.items():
        if name not in known:
            remedy = known_names(name, known) if known else "it has none"
            yield f"{key}.{name}: {show(value)} is set, but {module} has no such parameter; {remedy}"


def _augmentation_problems(key: str, settings: Entry) -> Iterator[str]:
    known = modules("training/frofa/ops")
    for op in settings.get("frofa", {}).get("ops", []):
        name = op if isinstance(op, str) else op["op"]
        if name not in known:
            remedy = known_names(name, known)
            yield f"{key}.frofa.ops: '{name}' is no file of fact/training/frofa/ops; {remedy}"


def _stands_on_itself(selectors: Entries, name: str) -> bool:
    seen = set()
    while name not in seen and (first := selectors[name].get("first")):
        seen.add(name)
        name = first["selector"]
    return name in seen


def _asked_names(config: Config) -> Iterator[tuple[str, list[str], str]]:
    """Yield every use of a name: its key, the names, and the registry that must have them."""
    for kind in ("datasets", "selectors", "methods", "tables"):
        yield f"run.{kind}", config.run[kind], kind
    yield "run.rows", config.run.get("rows") or [], "rows"
    for name, dataset in config.datasets.items():
        yield f"datasets.{name}.backbones", dataset["backbones"], "backbones"
        for kind in ("recipes", "selectors", "calibrations"):
            yield f"datasets.{name}.{kind}", list(dataset.get(kind, {})), kind
    for name, backbone in config.backbones.items():
        if backbone["pretrain"]:
            yield f"backbones.{name}.pretrain.dataset", [backbone["pretrain"]["dataset"]], "datasets"
    for name, selector in config.selectors.items():
        if first := selector.get("first"):
            yield f"selectors.{name}.first.selector", [first["selector"]], "selectors"
            yield f"selectors.{name}.probe", [selector["probe"]], "probes"
    for name, recipe in config.recipes.items():
        yield f"recipes.{name}.start", [recipe["start"]] if recipe["start"] != "random" else [], "probes"
        yield f"recipes.{name}.pseudo", [recipe["pseudo"]] if recipe.get("pseudo") else [], "calibrations"
    for name, calibration in config.calibrations.items():
        if "after" in calibration:
            yield f"calibrations.{name}.after", [calibration["after"]], "recipes"
            yield f"calibrations.{name}.propagation", [calibration["propagation"]], "propagations"
    for name, head in config.heads.items():
        if pool := head.get("pool"):
            yield f"heads.{name}.pool.propagation", [pool["propagation"]], "propagations"
    for name in config.tables:
        table = declared_table(config, name)
        for kind in ("datasets", "backbones", "selectors", "methods", "rows"):
            yield f"tables.{name}.{kind}", table[kind] or [], kind
        yield f"tables.{name}.budgets", list(table["budgets"] or {}), "datasets"
        yield f"tables.{name}.steps", [row for step in table["steps"] or [] for row in step], "rows"
    for name, row in config.rows.items():
        yield f"rows.{name}.selector", [row["selector"]], "selectors"
        yield f"rows.{name}.method", [row["method"]], "methods"
    if model := config.model:
        yield "model.recipes", model["recipes"], "recipes"
        yield "model.head", [model["head"]], "heads"
    for name, method in config.methods.items():
        for kind in ("probe", "recipe", "head"):
            yield f"methods.{name}.{kind}", [method[kind]] if kind in method else [], f"{kind}s"


def _unknown(key: str, names: list[str], registry: str, config: Config) -> list[str]:
    known = config.entries(registry)
    return [
        f"{key}: '{name}' is not in {registry}; {known_names(name, sorted(known))}"
        for name in names
        if name not in known
    ]
