"""One run at a time in a folder: a lock that the operating system takes back when its holder dies.

Snakemake's own lock files outlive a killed run and then have to be removed by hand (``--unlock``); the
profile switches them off, and this takes their place.
"""

import os
import socket
from pathlib import Path

from fact.infra.files.lock import take_lock


class FolderInUse(RuntimeError):
    """Another run works in the folder."""


class RunLock:
    """Held from its creation to the end of the process."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises FolderInUse, naming the other run, and OSError where it cannot be written."""
        lock = take_lock(path)
        if lock is None:
            holder = path.read_text("utf-8", "replace").strip() or "unknown"
            raise FolderInUse(
                f"another run works in this folder ({holder}); wait for it to end, or stop it. "
                "Nothing was changed; the same command goes on from where it will be"
            )
        os.ftruncate(lock, 0)
        os.write(lock, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
