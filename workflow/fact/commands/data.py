"""``fact data``: fetch datasets, check them."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_columns
from fact.commands.declared import ConfigFile, ConfigFolder, Results, chosen, registries
from fact.commands.errors import plain_errors

data = typer.Typer(help="Fetch datasets, and check them.", no_args_is_help=True)


@data.command("get")
@plain_errors()
def get_dataset(
    name: Annotated[str, typer.Argument(help="A dataset of config/datasets.yaml.")],
    results: Results = Path("results"),
    config: ConfigFolder = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Fetch a dataset where there is a network, such as a login node, or find its folder; then check it."""
    from fact.data.fetching import fetch_source

    entry = chosen(registries(config, configfile)["datasets"], [name], "dataset")[name]
    fetch_source(name, entry, results / "sources" / name / "source.json")
    _print_checks({name: entry}, results, named=True)


@data.command("check")
@plain_errors()
def check_datasets(
    names: Annotated[list[str] | None, typer.Argument(help="Datasets; all declared ones without.")] = None,
    results: Results = Path("results"),
    config: ConfigFolder = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Count images and classes, compare checksums; status 1 for one damaged, or named and absent."""
    asked = chosen(registries(config, configfile)["datasets"], names or [], "dataset")
    _print_checks(asked, results, named=bool(names))


def _print_checks(entries: dict, results: Path, *, named: bool) -> None:
    import os

    from fact.data.checking import check_dataset

    workers = len(os.sched_getaffinity(0))
    found = [check_dataset(name, entry, results, workers) for name, entry in entries.items()]
    print_columns(found)
    if any(row.status == "damaged" or (named and row.status == "absent") for row in found):
        raise typer.Exit(1)
