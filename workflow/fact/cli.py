"""The command ``fact``. Commands import what they need when they run, so that ``fact --help`` is quick."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.backbones import backbones
from fact.commands.data import data
from fact.commands.errors import plain_errors
from fact.commands.labels import labels
from fact.commands.plan import plan, rates
from fact.commands.project import more, new, run
from fact.commands.select import select
from fact.commands.weights import weights
from fact.commands.workflow import workflow
from fact.infra.errors import ConfigError

app = typer.Typer(
    help="Choose which images to label, then finetune in three phases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for command in (new, run, more, backbones, select, plan, rates):
    app.command()(command)
for name, group in (("labels", labels), ("weights", weights), ("data", data), ("workflow", workflow)):
    app.add_typer(group, name=name)


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


@app.command()
@plain_errors()
def doctor(
    results: Annotated[Path, typer.Option(help="Folder that results go to.")] = Path("results"),
) -> None:
    """Say what this machine offers and lacks; exit with status 1 when something must be mended."""
    from fact.commands.doctor import report

    findings = report(results)
    width = max(len(finding.item) for finding in findings)
    for finding in findings:
        print(f"{finding.status:<4}  {finding.item:<{width}}  {finding.value}")
        if finding.remedy:
            print(f"{'':<4}  {'':<{width}}  -> {finding.remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(1)


@app.command()
@plain_errors()
def predict(
    model: Annotated[Path, typer.Argument(help="The model's folder, results/models/…")],
    folder: Annotated[Path, typer.Argument(help="Images, at any depth below.")],
    out: Annotated[Path, typer.Option(help="The table to write (.csv).")],
    top_k: Annotated[int, typer.Option(min=1, help="Likeliest classes to name.")] = 3,
    batch_size: Annotated[int, typer.Option(min=1, help="Images at once.")] = 64,
) -> None:
    """Predict every image of a folder; other files have a reason. Stopped, it goes on where it was."""
    import os

    from fact.model.loaded import load_model
    from fact.model.predictions import predict_folder

    loaded = load_model(model)
    workers = len(os.sched_getaffinity(0))
    counts = predict_folder(loaded, folder, out, top_k=top_k, batch_size=batch_size, workers=workers)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) + f": {out}")


@app.command()
def version() -> None:
    """Print the versions of FACT, Python and the main dependencies."""
    from fact.infra.process.code_version import package_versions

    for name, number in package_versions().items():
        print(f"{name} {number}")
