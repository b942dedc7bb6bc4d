"""A lock on a file that the operating system takes back when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fact.infra.errors import MachineError


def take_lock(path: Path) -> int | None:
    """Return an open descriptor of the file, which is locked until it is closed; None when somebody else
    holds it.

    The end of the process in any way closes it. Raises OSError where the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


@contextmanager
def held(path: Path, taken: str) -> Iterator[None]:
    """Hold the lock for a block. Raises MachineError with the text ``taken`` when somebody else holds it.

    The empty file stays: one that is taken away could be locked twice, under its old and its new name.
    """
    lock = take_lock(path)
    if lock is None:
        raise MachineError(taken)
    try:
        yield
    finally:
        os.close(lock)
