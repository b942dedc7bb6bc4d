"""``fact inspect``: what a file of the results is, and whether it is whole."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors
from fact.infra.errors import ConfigError


@plain_errors()
def inspect(
    file: Annotated[
        Path, typer.Argument(help="Features (.h5), selection (.csv), score (.json) or .parquet.")
    ],
    plot: Annotated[Path | None, typer.Option(help="Also draw a features file into this PNG.")] = None,
    selection: Annotated[Path | None, typer.Option(help="Mark these chosen images in the plot.")] = None,
    classes: Annotated[Path | None, typer.Option(help="classes.json of the dataset, to name labels.")] = None,
) -> None:
    """Describe a file that the workflow wrote and check that it is whole."""
    from fact.commands.inspect import describe

    if plot is not None and file.suffix != ".h5":
        raise ConfigError(f"{file}: only a features file (.h5) can be drawn; leave out --plot")
    if selection is not None and plot is None:
        raise ConfigError(f"--selection {selection} marks images in a plot; add --plot FILE.png")
    print(describe(file, classes))
    if plot is not None:
        from fact.features.projection import plot_features

        plot_features(file, plot, selection)
        print(f"plot: {plot}")
