"""``fact weights``: fetch pretrained weights, check them."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_columns, print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson, Registries, Results, spread_options
from fact.infra.errors import ConfigError

weights = typer.Typer(help="Fetch backbones' pretrained weights, and check them.", no_args_is_help=True)


@weights.command()
@plain_errors()
@spread_options
def get(
    name: Annotated[str, typer.Argument(help="A backbone of config/backbones.yaml.")],
    results: Results = Path("results"),
    *,
    registries: Registries,
) -> None:
    """Fetch a backbone's weights where there is a network, such as a login node, and check them."""
    from fact.backbones.spec import read_declared
    from fact.backbones.weights import fetch_weights

    entry = registries.chosen("backbones", [name])[name]
    if entry["pretrain"]:
        raise ConfigError(f"backbones.{name} is pretrained here, not fetched; run rule pretrain_backbone")
    spec = fetch_weights(read_declared(name, entry), results / "weights" / name)
    print(f"{name}: {spec.architecture}, sha256 {spec.weights_sha256}")


@weights.command()
@plain_errors()
@spread_options
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of backbones. Without one: all that are declared.")
    ] = None,
    results: Results = Path("results"),
    as_json: AsJson = False,
    *,
    registries: Registries,
) -> None:
    """Check fetched weights as a job would.

    Status 1 for weights that are damaged, or that were named and are absent.
    """
    from fact.backbones.fetched import check_weights

    asked = registries.chosen("backbones", names or [])
    result = [check_weights(name, results / "weights" / name) for name in asked]
    if as_json:
        print_json([row._asdict() for row in result])
    else:
        print_columns(result)
    if any(row.status == "damaged" or (names and row.status == "absent") for row in result):
        raise typer.Exit(1)
