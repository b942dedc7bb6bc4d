"""The command ``fact``. Commands import what they need when they run, so that ``fact --help`` is quick."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Choose which images to label, then finetune in three phases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print an error that the user can mend as one line on stderr and exit with status 1."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError, ValueError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
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
    from fact.inspect import describe

    if plot is not None and file.suffix != ".h5":
        raise ValueError(f"{file}: only a features file (.h5) can be drawn; leave out --plot")
    if selection is not None and plot is None:
        raise ValueError(f"--selection {selection} marks images in a plot; add --plot FILE.png")
    print(describe(file, classes))
    if plot is not None:
        from fact.feature_map import plot_features

        plot_features(file, plot, selection)
        print(f"plot: {plot}")


@app.command()
@plain_errors()
def doctor(
    results: Annotated[Path, typer.Option(help="Folder that results go to.")] = Path("results"),
) -> None:
    """Say what this machine offers and lacks; exit with status 1 when something must be mended."""
    from fact.doctor import report

    findings = report(results)
    width = max(len(finding.item) for finding in findings)
    for finding in findings:
        print(f"{finding.status:<4}  {finding.item:<{width}}  {finding.value}")
        if finding.remedy:
            print(f"{'':<4}  {'':<{width}}  -> {finding.remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the versions of FACT, Python and the main dependencies."""
    from fact.versions import package_versions

    for name, number in package_versions().items():
        print(f"{name} {number}")
