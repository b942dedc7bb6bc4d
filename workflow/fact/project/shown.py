"""Paths as they are shown: fit for a terminal, and to be pasted into a shell."""

import shlex
from pathlib import Path

from fact.infra.process.printable import printable


def shown(path: Path | str) -> str:
    """Return the path as a shell takes it, on one line."""
    return printable(shlex.quote(str(path)))
