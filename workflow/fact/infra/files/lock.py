"""A lock on a file that the operating system takes back when its holder dies."""

import fcntl
import os
from pathlib import Path


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
