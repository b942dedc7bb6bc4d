"""Options that several commands share, as fields of dataclasses."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_type_hints

import typer

from fact.config.key_text import known_names
from fact.infra.errors import ConfigError
from fact.infra.fields import Dataclass
from fact.infra.files.shipped import workflow_here

if TYPE_CHECKING:
    from fact.config.declared import Config, Entries

Results = Annotated[Path, typer.Option(help="Folder that results go to.")]
Overlays = Annotated[
    list[Path] | None, typer.Option("--configfile", help="An overlay; may be given more than once.")
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]


@dataclass(frozen=True)
class Registries:
    """Where the names that a command takes are declared."""

    config: Annotated[
        Path | None, typer.Option(help="Folder of the registries; else that of this workflow.")
    ] = None
    configfile: Annotated[
        Path | None, typer.Option(help="Overlay whose keys replace those of the registries.")
    ] = None

    def entries(self, registry: str) -> "Entries":
        """Return the entries of a registry, with the overlay on top.

        Raises FileNotFoundError without the folder, ConfigError for a wrong overlay.
        """
        from fact.config.registries import read_overlay, with_registries

        folder = self.config or workflow_here() / "config"
        if not (folder / "backbones.yaml").is_file():
            raise FileNotFoundError(
                f"{folder} holds no registries (backbones.yaml, …); leave out --config for those of FACT"
            )
        overlay = read_overlay(self.configfile) if self.configfile else {}
        return with_registries(overlay, folder)[registry]

    def chosen(self, registry: str, names: list[str]) -> "Entries":
        """Return the entries of these names, or all. Raises ConfigError for one that is not declared."""
        declared = self.entries(registry)
        if unknown := [name for name in names if name not in declared]:
            known = known_names(unknown[0], sorted(declared))
            raise ConfigError(f"{registry.removesuffix('s')} '{unknown[0]}' is not declared; {known}")
        return {name: declared[name] for name in names or declared}


def settled(configfiles: list[Path]) -> "Config":
    """Return the whole configuration as the workflow has it, config/config.yaml and overlays included."""
    from fact.config.registries import read_overlay
    from fact.config.settle import settled_config

    return settled_config(workflow_here(), [read_overlay(path) for path in configfiles])


def spread_options(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the fields of a command's dataclass parameters into options of the command line."""
    hints = get_type_hints(command, include_extras=True)
    groups = {name: cast("type[Dataclass]", kind) for name, kind in hints.items() if is_dataclass(kind)}
    given = signature(command).parameters.items()
    own = [value.replace(kind=Parameter.KEYWORD_ONLY) for name, value in given if name not in groups]
    options = [option for kind in groups.values() for option in _options(kind)]
    ordered = sorted([*own, *options], key=lambda option: option.default is not Parameter.empty)

    @wraps(command)
    def spread(**values: object) -> None:
        made = {
            name: kind(**{field.name: values.pop(field.name) for field in fields(kind)})
            for name, kind in groups.items()
        }
        command(**values, **made)

    annotations = {option.name: hints.get(option.name, option.annotation) for option in ordered}
    vars(spread).update(__signature__=Signature(ordered))
    spread.__annotations__ = annotations
    return spread


def _options(kind: type) -> list[Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    defaults = signature(kind).parameters
    return [
        Parameter(name, Parameter.KEYWORD_ONLY, default=defaults[name].default, annotation=hints[name])
        for name in defaults
    ]
