"""Print what a user can mend as one line; show every other error as the bug that it is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from fact.infra.errors import BUG, Stopped, is_users, one_line
from fact.infra.process.printable import printable


@contextmanager
def plain_errors() -> Iterator[None]:
    """Print an error that the user can mend as one line on stderr and exit with status 1, or that
    of a command that was stopped.

    Any other one is a bug: its traceback ends with where to report it.
    """
    try:
        yield
    except Exception as error:
        if not is_users(error):
            error.add_note(BUG)
            raise
        kind = "stopped" if isinstance(error, Stopped) else "error"
        print(f"{kind}: {printable(one_line(error))}", file=sys.stderr)
        raise typer.Exit(getattr(error, "status", 1)) from None
