"""Paths as they are shown: fit for a terminal, and to be pasted into a shell."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from fact.infra.process.printable import printable

# paths that a line names
FEW = 3


def shown(path: Path | str) -> str:
    """Return the path as a shell takes it, on one line."""
    return printable(shlex.quote(str(path)))


def few(paths: Sequence[str]) -> str:
    """Return the first of some paths, fit for a terminal."""
    return ", ".join(map(printable, paths[:FEW])) + (", …" if len(paths) > FEW else "")
