"""``fact workflow``: the Snakemake workflow that comes with the library."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.errors import plain_errors

workflow = typer.Typer(help="The Snakemake workflow that comes with FACT.", no_args_is_help=True)


@workflow.command()
@plain_errors()
def init(folder: Annotated[Path, typer.Argument(help="The study's folder, new or empty.")]) -> None:
    """Lay down a study: a Snakefile that includes FACT's, a configuration and profiles to edit."""
    from fact.project.study import lay_down_study

    for path in lay_down_study(folder):
        print(path)
    print(f"next: edit {folder / 'config/config.yaml'}; then: cd {folder} && snakemake --cores all")


@workflow.command()
@plain_errors()
def path() -> None:
    """Print the path of the workflow's Snakefile, for `module fact: snakefile: …` in a workflow of yours."""
    from fact.infra.files.shipped import workflow_snakefile

    print(workflow_snakefile())
