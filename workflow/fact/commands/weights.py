"""``fact weights``: fetch pretrained weights, check them."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_columns
from fact.commands.declared import Config, ConfigFile, Results, chosen, registries
from fact.commands.errors import plain_errors

weights = typer.Typer(help="Fetch backbones' pretrained weights, and check them.", no_args_is_help=True)


@weights.command()
@plain_errors()
def get(
    name: Annotated[str, typer.Argument(help="A backbone of config/backbones.yaml.")],
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Fetch a backbone's weights where there is a network, such as a login node, and check them."""
    from fact.backbones.spec import read_declared
    from fact.backbones.weights import fetch_weights

    entry = chosen(registries(config, configfile)["backbones"], [name])[name]
    if entry["pretrain"]:
        raise ValueError(f"backbones.{name} is pretrained here, not fetched; run rule pretrain_backbone")
    spec = fetch_weights(read_declared(name, entry), results / "weights" / name)
    print(f"{name}: {spec.architecture}, sha256 {spec.weights_sha256}")


@weights.command()
@plain_errors()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Backbones; all declared ones without.")] = None,
    results: Results = Path("results"),
    config: Config = Path("config"),
    configfile: ConfigFile = None,
) -> None:
    """Check fetched weights as a job would; exit with status 1 when one is damaged, or named and absent."""
    from fact.backbones.fetched import check_weights

    asked = chosen(registries(config, configfile)["backbones"], names or [])
    found = [check_weights(name, results / "weights" / name) for name in asked]
    print_columns(found)
    if any(row.status == "damaged" or (names and row.status == "absent") for row in found):
        raise typer.Exit(1)
