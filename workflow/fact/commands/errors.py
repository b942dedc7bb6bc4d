"""How commands tell an error that the user can mend."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from fact.infra.process.printable import printable


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print an error that the user can mend as one line on stderr and exit with status 1."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError, ValueError) as error:
        print(f"error: {printable(' '.join(str(error).split()))}", file=sys.stderr)
        raise typer.Exit(1) from None
