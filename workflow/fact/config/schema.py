"""Problems of a configuration that its schema sees, in the words of YAML's writers."""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fact.config.key_text import dotted, known_names, show
from fact.infra.fields import Settings
from fact.infra.files.yaml_file import parse_yaml

if TYPE_CHECKING:
    from jsonschema import ValidationError

# what the schema calls a type, in the words of YAML's writers
TYPES = {
    "object": "a mapping such as {key: value}",
    "array": "a list such as [a, b]",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def schema_problems(config: Settings, schema: Path) -> list[str]:
    from jsonschema import Draft202012Validator

    rules = cast("Settings", parse_yaml(schema.read_text("utf-8")))
    errors = sorted(
        Draft202012Validator(rules).iter_errors(config), key=lambda error: list(map(str, error.path))
    )
    return [line for error in errors for line in _explain(error)]


def _explain(error: "ValidationError") -> list[str]:
    """Return the error in a user's words; where the schema has a description, it is the remedy."""
    # of the errors that are told, every schema is a mapping
    key, value, rules = dotted(*error.absolute_path), show(error.instance), cast("Settings", error.schema)
    hint = rules.get("description")
    remedy = f"; {hint}" if hint else ""
    if error.validator == "additionalProperties":
        # a key that became another one is refused with a hint, and offered to nobody
        known = sorted(name for name, value in rules["properties"].items() if not _retired(value))
        given = cast("Settings", error.instance)
        unknown = {name: value for name, value in given.items() if name not in rules["properties"]}
        return _explain_unknown_keys(key, unknown, known)
    if error.validator == "required":
        return [f"{key or 'top level'}: {error.message.replace('a required property', 'missing')}{remedy}"]
    if error.validator == "type":
        return [f"{key}: {value} is not {_types(cast('str | list[str]', error.validator_value))}{remedy}"]
    if error.validator in ("oneOf", "anyOf") and error.context and not hint:
        return _explain_choice(error.context)
    return [f"{key}: {value} cannot be used{remedy}" if hint else f"{key}: {error.message}"]


def _explain_unknown_keys(key: str, mapping: Mapping[str, object], known: list[str]) -> list[str]:
    return [
        f"{dotted(key, name)}: {show(value)} is set, but there is no such key; "
        f"{known_names(name, known, 'known keys are')}"
        for name, value in mapping.items()
    ]


def _retired(rules: object) -> bool:
    """Return whether the schema allows no value of a key, which has another name now."""
    return isinstance(rules, Mapping) and rules.get("not") == {}


def _explain_choice(errors: list["ValidationError"]) -> list[str]:
    """Return a value that has none of several forms: explained by the form that it comes closest to.

    A form whose constants (``kind: sgd``) it does not have is not meant, unless none has them.
    """
    forms = [list(form) for _, form in groupby(errors, key=lambda error: error.relative_schema_path[0])]
    meant = [form for form in forms if not any(error.validator in ("const", "enum") for error in form)]
    return [line for error in min(meant or forms, key=len) for line in _explain(error)]


def _types(names: str | list[str]) -> str:
    return " or ".join(TYPES[name] for name in ([names] if isinstance(names, str) else names))
