"""The registries of ``config/``: what the names in a configuration mean."""

from pathlib import Path
from typing import cast

import yaml

from fact.infra.errors import ConfigError
from fact.infra.fields import Settings
from fact.infra.files.yaml_file import parse_yaml

# read in this order; the run's own configuration comes last and may override or add to any of them
REGISTRIES = (
    "datasets",
    "backbones",
    "selectors",
    "calibrations",
    "propagations",
    "recipes",
    "heads",
    "methods",
    "segmentation",
    "rows",
    "tables",
    "model",
)


def with_registries(config: Settings, folder: Path) -> Settings:
    """Return the registry files of a folder, with ``config`` on top; mappings are merged."""
    merged: Settings = {}
    for name in REGISTRIES:
        registry = parse_yaml((folder / f"{name}.yaml").read_text("utf-8"))
        merged = merge(merged, cast("Settings", registry))
    return merge(merged, config)


def read_overlay(path: Path) -> Settings:
    """Read a configuration file; an empty one changes nothing.

    Raises FileNotFoundError, and ConfigError for what is no mapping in YAML.
    """
    try:
        content = parse_yaml(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as YAML: {error}; mend it there") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path} is no configuration but {type(content).__name__}; write `key: value` lines"
        )
    return content


def merge(base: Settings, override: Settings) -> Settings:
    """Return ``base`` with ``override`` on top; mappings inside mappings are merged likewise."""
    merged = dict(base)
    for key, value in override.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = merge(base[key], value) if both else value
    return merged
