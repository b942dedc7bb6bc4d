"""The command ``fact``. Commands import what they need when they run, so that ``fact --help`` is quick."""

from collections.abc import Callable
from typing import Annotated

import typer

from fact.commands.backbones import backbones
from fact.commands.data import data
from fact.commands.doctor_command import doctor
from fact.commands.inspect_command import inspect
from fact.commands.label import label
from fact.commands.labels import labels
from fact.commands.plan import plan, rates
from fact.commands.predict import predict
from fact.commands.project import audit, more, new, run
from fact.commands.select import select
from fact.commands.smoke import smoke
from fact.commands.version import print_version, version
from fact.commands.weights import weights
from fact.commands.workflow import workflow

PANELS: dict[str, dict[str, typer.Typer | Callable[..., None]]] = {
    "Your own images": {
        "new": new,
        "run": run,
        "label": label,
        "more": more,
        "audit": audit,
        "predict": predict,
        "labels": labels,
    },
    "Research": {
        "plan": plan,
        "rates": rates,
        "smoke": smoke,
        "select": select,
        "backbones": backbones,
        "inspect": inspect,
        "workflow": workflow,
    },
    "Fetch": {"data": data, "weights": weights},
    "Machine": {"doctor": doctor, "version": version},
}
"""Commands and groups of commands, as the help lists them."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Status: 0 done; 1 an error that you can mend, or a check that failed; 2 wrong usage.",
)


@app.callback()
def fact(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=print_version, help="Print the version of FACT."),
    ] = False,
) -> None:
    """Choose which images to label, then finetune in three phases."""


for panel, commands in PANELS.items():
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=panel)
        else:
            app.command(name, rich_help_panel=panel)(command)
