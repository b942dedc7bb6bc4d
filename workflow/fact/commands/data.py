"""``fact data``: fetch datasets, check them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fact.commands.columns import print_columns, print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson, Registries, Results, spread_options

if TYPE_CHECKING:
    from fact.config.declared import Entries

data = typer.Typer(help="Fetch datasets, and check them.", no_args_is_help=True)


@data.command("get")
@plain_errors()
@spread_options
def get_dataset(
    name: Annotated[str, typer.Argument(help="A dataset of config/datasets.yaml.")],
    results: Results = Path("results"),
    *,
    registries: Registries,
) -> None:
    """Fetch a dataset where there is a network, such as a login node, or find its folder; then check it."""
    from fact.data.fetching import fetch_source

    entry = registries.chosen("datasets", [name])[name]
    fetch_source(name, entry, results / "sources" / name / "source.json")
    _print_checks({name: entry}, results, named=True)


@data.command("check")
@plain_errors()
@spread_options
def check_datasets(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of datasets. Without one: all that are declared.")
    ] = None,
    results: Results = Path("results"),
    as_json: AsJson = False,
    *,
    registries: Registries,
) -> None:
    """Count images and classes, and compare checksums.

    Status 1 for a dataset that is damaged, or that was named and is absent.
    """
    asked = registries.chosen("datasets", names or [])
    _print_checks(asked, results, named=bool(names), as_json=as_json)


def _print_checks(entries: "Entries", results: Path, *, named: bool, as_json: bool = False) -> None:
    import os

    from fact.data.checking import check_dataset

    workers = len(os.sched_getaffinity(0))
    result = [check_dataset(name, entry, results, workers=workers) for name, entry in entries.items()]
    if as_json:
        print_json([row._asdict() for row in result])
    else:
        print_columns(result)
    if any(row.status == "damaged" or (named and row.status == "absent") for row in result):
        raise typer.Exit(1)
