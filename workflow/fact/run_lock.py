"""One run at a time in a folder: a lock that the operating system takes back when its holder dies.

Snakemake's own lock files outlive a killed run and then have to be removed by hand (``--unlock``); the
profile switches them off, and this takes their place.
"""

import fcntl
import os
import socket
from pathlib import Path


class FolderInUse(RuntimeError):
    """Another run works in the folder."""


class RunLock:
    """Held from its creation to the end of the process."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises FolderInUse, naming the other run, and OSError where it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # stays open: closing it, or the end of the process in any way, gives the lock back
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text("utf-8", "replace").strip() or "unknown"
            os.close(self._file)
            raise FolderInUse(
                f"another run works in this folder ({holder}); wait for it to end, or stop it. "
                "Nothing was changed; the same command goes on from where it will be"
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
