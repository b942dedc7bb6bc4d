"""``fact version`` and ``fact --version``."""

import typer

from fact.commands.columns import print_json
from fact.commands.options import AsJson


def version(as_json: AsJson = False) -> None:
    """Print the versions of FACT, Python and the main dependencies."""
    from fact.infra.process.code_version import package_versions

    versions = package_versions()
    if as_json:
        print_json(versions)
        return
    for name, number in versions.items():
        print(f"{name} {number}")


def print_version(asked: bool) -> None:
    """Print the version of FACT and end, where it is asked for."""
    if asked:
        from fact import __version__

        print(f"fact-workflow {__version__}")
        raise typer.Exit
