"""The registries of ``config/``: what the names in a configuration mean."""

from collections.abc import Mapping
from pathlib import Path

from fact.infra.files.yaml_file import parse_yaml

# read in this order; the run's own configuration comes last and may override or add to any of them
REGISTRIES = (
    "datasets",
    "backbones",
    "selectors",
    "calibrations",
    "recipes",
    "heads",
    "methods",
    "segmentation",
    "rows",
    "tables",
    "model",
)


def with_registries(config: Mapping[str, object], folder: Path) -> Mapping[str, object]:
    """Return the registry files of a folder, with ``config`` on top; mappings are merged."""
    merged: dict = {}
    for name in REGISTRIES:
        merged = merge(merged, parse_yaml((folder / f"{name}.yaml").read_text("utf-8")))
    return merge(merged, config)


def merge(base: Mapping[str, object], override: Mapping[str, object]) -> dict[str, object]:
    """Return ``base`` with ``override`` on top; mappings inside mappings are merged likewise."""
    merged = dict(base)
    for key, value in override.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = merge(base[key], value) if both else value
    return merged
