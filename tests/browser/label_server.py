"""`fact label` as a user starts it, in a process of its own, and its page in the browser."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = re.compile(r"http://\S+")
LIMIT_S = 120


class Served:
    """A server that has printed its address."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self.process, self.log = process, log
        self.address = ADDRESS.search(waited_for(log, process))[0]

    def kill(self) -> None:
        """End it as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> str:
        """End it with Ctrl-C, which a terminal sends to all of its processes; what it printed."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(LIMIT_S)
        return self.log.read_text()


def waited_for(log: Path, process: subprocess.Popen) -> str:
    """What the server has printed once its address is among it."""
    start = time.monotonic()
    while not ADDRESS.search(text := log.read_text()):
        if process.poll() is not None or time.monotonic() - start > LIMIT_S:
            raise AssertionError(f"the server ended or said nothing: {text}")
        time.sleep(0.02)
    return text


@contextmanager
def served(log: Path, *arguments: str, most_bytes: int | None = None) -> Iterator[Served]:
    """Serve for a block; ``most_bytes``: how large a file may become, as on a disk that fills."""
    command = [sys.executable, "-m", "fact", "label", *arguments, "--no-browser"]

    def limited() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    with log.open("w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, process_group=0, preexec_fn=limited
        )
    try:
        yield Served(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
