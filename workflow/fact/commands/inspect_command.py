"""``fact inspect``: what a file of the results is, and whether it is whole."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors
from fact.infra.errors import ConfigError


@plain_errors()
def inspect(
    path: Annotated[Path, typer.Argument(help="Any file or folder of the results, or a project.")],
    plot: Annotated[Path | None, typer.Option(help="Also draw a features file into this PNG.")] = None,
    selection: Annotated[Path | None, typer.Option(help="Mark these chosen images in the plot.")] = None,
    classes: Annotated[
        Path | None, typer.Option(help="classes.json that names the labels; by default the dataset's.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for a program.")] = False,
) -> None:
    """Say what a file or folder is, what made it, what depends on it, and whether it is whole."""
    from fact.commands.inspect import class_names, describe

    if plot is not None and path.suffix != ".h5":
        raise ConfigError(f"{path}: only a features file (.h5) can be drawn; leave out --plot")
    if selection is not None and plot is None:
        raise ConfigError(f"--selection {selection} marks images in a plot; add --plot FILE.png")
    print(describe(path, classes, json=json))
    if plot is not None:
        from fact.features.projection import plot_features

        plot_features(path, plot, selection, classes=class_names(path, classes))
        if not json:
            print(f"plot: {plot}")
