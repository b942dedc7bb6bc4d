"""The configuration: numbers put right, checked against the schema, names checked against each other."""

import re
from pathlib import Path

import yaml

# YAML 1.1 reads 1e-3 as text, for want of a dot
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d*)?[eE][+-]?\d{1,3}")


class ConfigError(ValueError):
    """A key of the configuration is wrong; the text names the key, the value and the remedy."""


def settle(config: dict, schema: Path) -> dict:
    """The configuration, ready for use. Raises ConfigError with every problem found, one a line."""
    settled = _numbers(config)
    problems = _schema_problems(settled, schema) or _name_problems(settled)
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


def _schema_problems(config: dict, schema: Path) -> list[str]:
    from jsonschema import Draft202012Validator

    rules = yaml.safe_load(schema.read_text("utf-8"))
    errors = sorted(Draft202012Validator(rules).iter_errors(config), key=lambda error: list(map(str, error.path)))
    return [_explain(error) for error in errors]


def _explain(error: "jsonschema.ValidationError") -> str:  # noqa: F821
    key = ".".join(map(str, error.absolute_path)) or "top level"
    if error.validator == "additionalProperties":
        known = ", ".join(sorted(error.schema.get("properties", {})))
        return f"{key}: {error.message}; known keys are {known}"
    hint = error.schema.get("description")
    return f"{key}: {error.message}" + (f"; {hint}" if hint else "")


def _name_problems(config: dict) -> list[str]:
    run = config["run"]
    asked = [
        ("run.datasets", run["datasets"], "datasets"),
        ("run.selectors", run["selectors"], "selectors"),
        ("run.methods", run["methods"], "methods"),
        ("run.tables", run["tables"], "tables"),
    ]
    for name, dataset in config["datasets"].items():
        asked.append((f"datasets.{name}.backbones", dataset["backbones"], "backbones"))
        asked.append((f"datasets.{name}.recipes", list(dataset["recipes"]), "recipes"))
    for name, table in config["tables"].items():
        asked += [(f"tables.{name}.{kind}", table.get(kind) or [], kind) for kind in ("methods", "selectors")]
    for name, method in config["methods"].items():
        for kind, registry in (("recipe", "recipes"), ("head", "heads"), ("probe", "probes")):
            if method.get(kind):
                asked.append((f"methods.{name}.{kind}", [method[kind]], registry))
    return [problem for key, names, registry in asked for problem in _unknown(key, names, registry, config)]


def _unknown(key: str, names: list[str], registry: str, config: dict) -> list[str]:
    known = config[registry]
    return [
        f"{key}: '{name}' is not in {registry}; known are {', '.join(sorted(known))}"
        for name in names
        if name not in known
    ]
