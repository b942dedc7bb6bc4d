"""``fact doctor``: what this machine offers and lacks."""

from pathlib import Path
from typing import Annotated

import typer

from fact.commands.columns import print_json
from fact.commands.errors import plain_errors
from fact.commands.options import AsJson


@plain_errors()
def doctor(
    results: Annotated[Path, typer.Option(help="Folder that results go to.")] = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say what this machine offers and what it lacks. Status 1 when something must be mended."""
    from fact.commands.doctor import report

    findings = report(results)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        width = max(len(finding.item) for finding in findings)
        for finding in findings:
            print(f"{finding.status:<4}  {finding.item:<{width}}  {finding.value}")
            if finding.remedy:
                print(f"{'':<4}  {'':<{width}}  -> {finding.remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(1)
