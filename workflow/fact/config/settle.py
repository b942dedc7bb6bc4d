"""The configuration: numbers put right, checked against the schema, names checked against each other."""

import datetime
import json
import math
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from fact.config.paths import MERGED_TUNERS
from fact.config.plugin_parameters import modules, parameters
from fact.config.segmentation_checks import segmentation_problems
from fact.config.tables import (
    declared_table,
    not_applicable,
    of_segmentation,
    registry,
    table_columns,
    table_rows,
)
from fact.infra.errors import ConfigError
from fact.infra.files.yaml_file import parse_yaml

if TYPE_CHECKING:
    from jsonschema import ValidationError

# YAML 1.1 reads 1e-3 as text, for want of a dot
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d*)?[eE][+-]?\d{1,3}")
# what the schema calls a type, in the words of who writes YAML
TYPES = {
    "object": "a mapping such as {key: value}",
    "array": "a list such as [a, b]",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def settle(config: dict, schema: Path) -> dict:
    """The configuration, ready for use. Raises ConfigError with every problem found, one a line."""
    settled = _numbers(config)
    problems = [*_value_problems(settled), *_schema_problems(settled, schema)] or _name_problems(settled)
    if problems:
        raise ConfigError("the configuration cannot be used:\n" + "\n".join(f"  {line}" for line in problems))
    return settled


def _numbers(value: object) -> object:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    return value


def _value_problems(value: object, key: str = "") -> Iterator[str]:
    """What YAML reads and settings cannot hold: keys that are not text, dates, NaN and infinity."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str):
                yield f"{_dotted(key, _show(name))}: this key is not text; put it into quotes"
            yield from _value_problems(item, _dotted(key, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _value_problems(item, _dotted(key, position))
    elif isinstance(value, datetime.date):
        yield f"{key}: {value} is a date; put it into quotes"
    elif isinstance(value, float) and not _is_usable(value, key):
        yield f"{key}: {value} cannot be used; write a finite number"


def _is_usable(number: float, key: str) -> bool:
    # an infinite strength has a meaning, in phase 3 alone
    return math.isfinite(number) or (math.isinf(number) and key.startswith("heads."))


def _schema_problems(config: dict, schema: Path) -> list[str]:
    from jsonschema import Draft202012Validator

    rules = parse_yaml(schema.read_text("utf-8"))
    errors = sorted(
        Draft202012Validator(rules).iter_errors(config), key=lambda error: list(map(str, error.path))
    )
    return [line for error in errors for line in _explain(error)]


def _explain(error: "ValidationError") -> list[str]:
    """The error in a user's words; where the schema has a description, it is the remedy."""
    key, value, hint = _dotted(*error.absolute_path), _show(error.instance), error.schema.get("description")
    remedy = f"; {hint}" if hint else ""
    if error.validator == "additionalProperties":
        return _explain_unknown_keys(key, error.instance, sorted(error.schema["properties"]))
    if error.validator == "required":
        return [f"{key or 'top level'}: {error.message.replace('a required property', 'missing')}{remedy}"]
    if error.validator == "type":
        return [f"{key}: {value} is not {_types(error.validator_value)}{remedy}"]
    if error.validator in ("oneOf", "anyOf") and error.context and not hint:
        return _explain_choice(error.context)
    return [f"{key}: {value} cannot be used{remedy}" if hint else f"{key}: {error.message}"]


def _explain_unknown_keys(key: str, mapping: dict, known: list[str]) -> list[str]:
    remedy = f"known keys are {', '.join(known)}"
    return [
        f"{_dotted(key, name)}: {_show(value)} is set, but there is no such key; {remedy}"
        for name, value in mapping.items()
        if name not in known
    ]


def _explain_choice(errors: list["ValidationError"]) -> list[str]:
    """A value that has none of several forms: explained by the form that it comes closest to.

    A form whose constants (``kind: sgd``) it does not have is not meant, unless none has them.
    """
    forms = [list(form) for _, form in groupby(errors, key=lambda error: error.relative_schema_path[0])]
    meant = [form for form in forms if not any(error.validator in ("const", "enum") for error in form)]
    return [line for error in min(meant or forms, key=len) for line in _explain(error)]


def _types(names: str | list[str]) -> str:
    return " or ".join(TYPES[name] for name in ([names] if isinstance(names, str) else names))


def _dotted(*parts: object) -> str:
    return ".".join(str(part) for part in parts if part != "")


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _name_problems(config: dict) -> list[str]:
    """Names that are used and not declared, or declared twice where both become a target."""
    unknown = [problem for asked in _asked_names(config) for problem in _unknown(*asked, config)]
    twice = sorted(set(config["tables"]) & set(config["datasets"]))
    unknown += [f"datasets.{name}: '{name}' is a table's name too; rename one of them" for name in twice]
    unknown += [
        problem
        for kind in ("selectors", "calibrations")
        for name, entry in config[kind].items()
        for problem in _module_problems(f"{kind}.{name}", _package(kind, entry), entry)
    ]
    unknown += [
        problem
        for dataset, entry in config["datasets"].items()
        for kind in ("selectors", "calibrations")
        for name, params in entry.get(kind, {}).items()
        if name in config[kind]
        for problem in _override_problems(
            f"datasets.{dataset}.{kind}.{name}", kind, config[kind][name], params
        )
    ]
    unknown += [
        problem
        for key, heads in (
            ("heads", config["heads"]),
            ("segmentation.heads", config["segmentation"]["heads"]),
        )
        for name, head in heads.items()
        for problem in _augmentation_problems(f"{key}.{name}", head)
    ]
    unknown = unknown or list(_model_problems(config))
    unknown = unknown or [
        f"selectors.{name}.first.selector: '{name}' stands on itself in the end; name another selector"
        for name in config["selectors"]
        if _stands_on_itself(config["selectors"], name)
    ]
    unknown = unknown or segmentation_problems(config)
    return unknown or [line for name in config["run"]["tables"] for line in _table_problems(config, name)]


def _model_problems(config: dict) -> Iterator[str]:
    """Recipes that a delivered model cannot have: their backbone is no model of timm's any more."""
    for name in config.get("model", {}).get("recipes", []):
        recipe = config["recipes"][name]
        if recipe["tuner"] not in MERGED_TUNERS or recipe.get("pseudo"):
            yield (
                f"model.recipes: '{name}' cannot be merged into a model; take recipes of tuner "
                f"{' or '.join(MERGED_TUNERS)} without pseudo-labels"
            )


def _table_problems(config: dict, table: str) -> Iterator[str]:
    """Methods of a table that can run on none of its backbones, and a reference that is no row of it."""
    columns = table_columns(config, table)
    tasks = {config["datasets"][column.dataset].get("task", "classification") for column in columns}
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
            yield from _idle_method(config, table, method, columns[0].dataset, backbones)
    labels, reference = (
        [row.label for row in table_rows(config, table)],
        declared_table(config, table)["reference"],
    )
    if reference is not None and reference not in labels:
        yield f"tables.{table}.reference: '{reference}' is no row of it; known are {', '.join(labels)}"


def _idle_method(config: dict, table: str, method: str, dataset: str, backbones: set[str]) -> Iterator[str]:
    """Why a method can run on none of a table's backbones."""
    declared = registry(config, dataset)
    if method not in declared["methods"]:
        known = ", ".join(declared["methods"])
        yield f"tables.{table}: {method} is no method of segmentation; take it out, known are {known}"
        return
    tuner = declared["recipes"][declared["methods"][method]["recipe"]]["tuner"]
    yield (
        f"tables.{table}: {method} cannot run on {', '.join(sorted(backbones))}, whose `tuners` do not have "
        f"'{tuner}'; take the method out, or add a backbone that has, such as a plain vision transformer"
    )


def _package(kind: str, entry: dict) -> str:
    if kind == "calibrations":
        return "selection/calibrations"
    return "selection/second_steps" if "first" in entry else "selection/selectors"


def _module_problems(key: str, package: str, entry: dict) -> Iterator[str]:
    known = parameters(package, entry["module"])
    if known is None:
        names = ", ".join(modules(package))
        yield f"{key}.module: '{entry['module']}' is no file of fact/{package}; known are {names}"
        return
    yield from _unknown_parameters(f"{key}.params", entry["module"], known, entry["params"])


def _override_problems(key: str, kind: str, entry: dict, params: dict) -> Iterator[str]:
    """Parameters that a dataset gives a selector or calibration, which may have none of these names."""
    known = parameters(_package(kind, entry), entry["module"])
    yield from _unknown_parameters(key, entry["module"], known or [], params)


def _unknown_parameters(key: str, module: str, known: list[str], params: dict) -> Iterator[str]:
    remedy = f"known are {', '.join(known)}" if known else "it has none"
    for name, value in params.items():
        if name not in known:
            yield f"{key}.{name}: {_show(value)} is set, but {module} has no such parameter; {remedy}"


def _augmentation_problems(key: str, settings: dict) -> Iterator[str]:
    known = modules("training/frofa/ops")
    for op in settings.get("frofa", {}).get("ops", []):
        name = op if isinstance(op, str) else op["op"]
        if name not in known:
            remedy = f"known are {', '.join(known)}"
            yield f"{key}.frofa.ops: '{name}' is no file of fact/training/frofa/ops; {remedy}"


def _stands_on_itself(selectors: dict, name: str) -> bool:
    seen = set()
    while name not in seen and (first := selectors[name].get("first")):
        seen.add(name)
        name = first["selector"]
    return name in seen


def _asked_names(config: dict) -> Iterator[tuple[str, list[str], str]]:
    """Every use of a name: its key, the names, and the registry that must have them."""
    for kind in ("datasets", "selectors", "methods", "tables"):
        yield f"run.{kind}", config["run"][kind], kind
    yield "run.rows", config["run"].get("rows") or [], "rows"
    for name, dataset in config["datasets"].items():
        yield f"datasets.{name}.backbones", dataset["backbones"], "backbones"
        for kind in ("recipes", "selectors", "calibrations"):
            yield f"datasets.{name}.{kind}", list(dataset.get(kind, {})), kind
    for name, backbone in config["backbones"].items():
        if backbone["pretrain"]:
            yield f"backbones.{name}.pretrain.dataset", [backbone["pretrain"]["dataset"]], "datasets"
    for name, selector in config["selectors"].items():
        if first := selector.get("first"):
            yield f"selectors.{name}.first.selector", [first["selector"]], "selectors"
            yield f"selectors.{name}.probe", [selector["probe"]], "probes"
    for name, recipe in config["recipes"].items():
        yield f"recipes.{name}.start", [recipe["start"]] if recipe["start"] != "random" else [], "probes"
        yield f"recipes.{name}.pseudo", [recipe["pseudo"]] if recipe.get("pseudo") else [], "calibrations"
    for name in config["tables"]:
        table = declared_table(config, name)
        for kind in ("datasets", "backbones", "selectors", "methods", "rows"):
            yield f"tables.{name}.{kind}", table[kind] or [], kind
        yield f"tables.{name}.budgets", list(table["budgets"] or {}), "datasets"
        yield f"tables.{name}.steps", [row for step in table["steps"] or [] for row in step], "rows"
    for name, row in config["rows"].items():
        yield f"rows.{name}.selector", [row["selector"]], "selectors"
        yield f"rows.{name}.method", [row["method"]], "methods"
    if model := config.get("model"):
        yield "model.recipes", model["recipes"], "recipes"
        yield "model.head", [model["head"]], "heads"
    for name, method in config["methods"].items():
        for kind in ("probe", "recipe", "head"):
            yield f"methods.{name}.{kind}", [method[kind]] if kind in method else [], f"{kind}s"


def _unknown(key: str, names: list[str], registry: str, config: dict) -> list[str]:
    known = config[registry]
    return [
        f"{key}: '{name}' is not in {registry}; known are {', '.join(sorted(known))}"
        for name in names
        if name not in known
    ]
