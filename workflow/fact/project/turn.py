"""One command at a time in a project: two would hand out, take labels back and train over each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fact.infra.files.lock import held
from fact.project.shown import shown

LOCK = ".fact.lock"


@contextmanager
def own_turn(folder: Path) -> Iterator[None]:
    """Work in a project's folder alone. Raises MachineError where another command of `fact` does."""
    with held(folder / LOCK, f"another `fact` command works in {shown(folder)}; wait for its end"):
        yield
