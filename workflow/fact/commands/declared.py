"""What commands share: options that name configuration and results, and the declared entries."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fact.infra.errors import ConfigError

if TYPE_CHECKING:
    from fact.config.declared import Config, Entries

ConfigFolder = Annotated[Path, typer.Option(help="Folder of the registries.")]
ConfigFile = Annotated[Path | None, typer.Option(help="Overlay whose keys replace those of the registries.")]
Results = Annotated[Path, typer.Option(help="Folder that results go to.")]


def settled(configfiles: Sequence[Path]) -> "Config":
    """Return the whole configuration as the workflow has it, config/config.yaml and overlays included."""
    from fact.config.registries import read_overlay
    from fact.config.settle import settled_config

    if not Path("config").is_dir():
        raise FileNotFoundError("there is no folder config; run this in the repository")
    return settled_config(Path(), [read_overlay(path) for path in configfiles])


def registries(config: Path, configfile: Path | None) -> "Mapping[str, Entries]":
    """Return all registries, with an overlay on top. Raises FileNotFoundError without the folder."""
    from fact.config.registries import read_overlay, with_registries

    if not config.is_dir():
        raise FileNotFoundError(f"there is no folder {config}; run this in the repository, or give --config")
    return with_registries(read_overlay(configfile) if configfile else {}, config)


def chosen(declared: "Entries", names: list[str], kind: str = "backbone") -> "Entries":
    """Return the entries of these names, or all. Raises ConfigError for a name that is not declared."""
    unknown = [name for name in names if name not in declared]
    if unknown:
        raise ConfigError(f"{kind} '{unknown[0]}' is not declared; known are {', '.join(sorted(declared))}")
    return {name: declared[name] for name in names or declared}
