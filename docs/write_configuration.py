"""Write the reference of the configuration from its schema and its commented files.

python docs/write_configuration.py          # prints the page
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
INTRODUCTION = """\
# Configuration

An overlay of yours replaces keys of these files: `snakemake --configfile my.yaml`. A wrong key, type or
value stops the run before any work, with the key and the remedy. The tables are made from the schema. The
files are shown as they are, with a comment for each key. Later ones win: lists are replaced
whole, mappings merged.
"""
ANY = "NAME"
# what types are called, and a remedy that tells nothing here
WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}
QUOTES = "put it into quotes"
LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}
HEAD = ("| key | value |", "|---|---|")


def page() -> str:
    """Return the page as Markdown."""
    schema = yaml.safe_load(SCHEMA.read_text("utf-8"))
    parts = [section(name, part, schema["$defs"]) for name, part in schema["properties"].items()]
    return "\n".join([INTRODUCTION, *parts])


def section(name: str, part: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return one top-level key: its keys with what each may hold, and the file that comments them."""
    rows = [f"| `{key}` | {value} |" for key, value in keys(part, defs, "")]
    table = [*HEAD, *rows, ""] if rows else []
    file = ROOT / "config" / ("config.yaml" if name == "run" else f"{name}.yaml")
    shown = ["```{literalinclude} ../../config/" + file.name, ":language: yaml", "```", ""]
    return "\n".join([f"## {name}", "", *table, *(shown if file.is_file() else [])])


def keys(part: Mapping[str, Any], defs: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield keys below a part of the schema, their path with dots, and what they may hold."""
    part = resolved(part, defs)
    inner = dict(part.get("properties", {}))
    more = part.get("additionalProperties")
    if isinstance(more, Mapping):
        inner[ANY] = more
    for key, value in inner.items():
        path = f"{prefix}{key}"
        value = resolved(value, defs)
        # a key that was renamed is there to say its new name
        if "not" in value:
            continue
        yield path, kind(value, defs)
        # options of plug-ins and overrides of training repeat what stands elsewhere
        if path.count(".") < 2:
            yield from keys(value, defs, f"{path}.")


def resolved(part: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of the schema with the definition that it refers to."""
    if "$ref" not in part:
        return part
    rest = {key: value for key, value in part.items() if key != "$ref"}
    found = part["$ref"].removeprefix("#/$defs/")
    return resolved({**(defs.get(found) or {}), **rest}, defs)


def kind(value: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return in words what a value may be."""
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    if "oneOf" in value:
        return " or ".join(kind(resolved(choice, defs), defs) for choice in value["oneOf"])
    names = value.get("type", "anything")
    text = " or ".join(WORDS.get(name, name) for name in (names if isinstance(names, list) else [names]))
    if "items" in value:
        text = text.replace("list", f"list of {kind(resolved(value['items'], defs), defs)}")
    return f"{text}{limits(value)}"


def limits(value: Mapping[str, Any]) -> str:
    """Return the range of a number in words, and what the schema says of the value."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    said = [f"{word} {value[key]}" for key, word in words.items() if key in value]
    if value.get("description", QUOTES) != QUOTES:
        said.append(value["description"])
    return f" ({'; '.join(said)})" if said else ""


if __name__ == "__main__":
    print(page(), end="")
