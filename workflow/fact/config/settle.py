"""Settle a configuration: put numbers right and check it, before any work starts."""

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from fact.config.declared import Config
from fact.config.key_text import dotted, show
from fact.config.names import name_problems
from fact.config.registries import merge, read_overlay, with_registries
from fact.config.schema import schema_problems
from fact.infra.errors import ConfigError
from fact.infra.fields import Settings

# YAML 1.1 reads 1e-3 as text, for want of a dot
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d*)?[eE][+-]?\d{1,3}")


def settle(config: Settings, schema: Path) -> Settings:
    """Return the configuration, ready for use.

    Raises ConfigError with every problem found, one line each.
    """
    settled = cast("Settings", _numbers(config))
    problems = [*_value_problems(settled), *schema_problems(settled, schema)]
    problems = problems or name_problems(Config.from_plain(settled))
    if problems:
        raise ConfigError("the configuration cannot be used:\n" + "\n".join(f"  {line}" for line in problems))
    return settled


def settled_config(workflow: Path, overlays: Sequence[Settings]) -> Config:
    """Return the whole configuration as the workflow has it: registries, config.yaml, overlays on top.

    ``workflow`` is the folder of ``config/`` and the schema. Raises ConfigError with every problem found.
    """
    folder = workflow / "config"
    merged = read_overlay(folder / "config.yaml")
    for overlay in overlays:
        merged = merge(merged, overlay)
    settled = settle(with_registries(merged, folder), workflow / "workflow/schemas/config.schema.yaml")
    return Config.from_plain(settled)


def _numbers(value: object) -> object:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    return value


def _value_problems(value: object, key: str = "") -> Iterator[str]:
    """Yield what YAML reads and settings cannot hold: keys that are not text, dates, NaN and infinity."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not isinstance(name, str):
                yield f"{dotted(key, show(name))}: this key is not text; put it into quotes"
            yield from _value_problems(item, dotted(key, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _value_problems(item, dotted(key, position))
    elif isinstance(value, datetime.date):
        yield f"{key}: {value} is a date; put it into quotes"
    elif isinstance(value, float) and not _is_usable(value, key):
        yield f"{key}: {value} cannot be used; write a finite number"


def _is_usable(number: float, key: str) -> bool:
    # an infinite strength has a meaning, in phase 3 alone
    return math.isfinite(number) or (math.isinf(number) and key.startswith("heads."))
