"""`fact label` as a user starts it, in a process of its own, and its page in the browser."""

import os
import re
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
        """End it with Ctrl-C; what it printed."""
        self.process.send_signal(signal.SIGINT)
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
def served(log: Path, *arguments: str) -> Iterator[Served]:
    """Serve for a block."""
    command = [sys.executable, "-m", "fact", "label", *arguments, "--no-browser"]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, process_group=0)
    try:
        yield Served(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
