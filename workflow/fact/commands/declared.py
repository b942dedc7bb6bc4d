"""What commands share: options that name configuration and results, and the declared entries."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option(help="Folder of the registries.")]
ConfigFile = Annotated[Path | None, typer.Option(help="Overlay whose keys replace those of the registries.")]
Results = Annotated[Path, typer.Option(help="Folder that results go to.")]


def settled(configfiles: Sequence[Path]) -> dict:
    """The whole configuration as the workflow has it, config/config.yaml and overlays included."""
    from fact.config.registries import merge, with_registries
    from fact.config.settle import settle
    from fact.infra.files.yaml_file import parse_yaml

    folder, merged = Path("config"), {}
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; run this in the repository")
    for path in (folder / "config.yaml", *configfiles):
        merged = merge(merged, parse_yaml(path.read_text("utf-8")) or {})
    return settle(with_registries(merged, folder), Path("workflow/schemas/config.schema.yaml"))


def registries(config: Path, configfile: Path | None) -> dict:
    """All registries, an overlay merged over them. Raises FileNotFoundError without the folder."""
    from fact.config.registries import with_registries
    from fact.infra.files.yaml_file import parse_yaml

    if not config.is_dir():
        raise FileNotFoundError(f"there is no folder {config}; run this in the repository, or give --config")
    return with_registries(parse_yaml(configfile.read_text("utf-8")) if configfile else {}, config)


def chosen(declared: dict, names: list[str], kind: str = "backbone") -> dict:
    """The entries of these names, or all."""
    unknown = [name for name in names if name not in declared]
    if unknown:
        raise ValueError(f"{kind} '{unknown[0]}' is not declared; known are {', '.join(sorted(declared))}")
    return {name: declared[name] for name in names or declared}
