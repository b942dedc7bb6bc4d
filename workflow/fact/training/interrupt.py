"""Ask a training to stop at its next step boundary: SIGTERM, SIGUSR1 and Ctrl-C only set a flag.

Slurm sends the first two before a job's time is up or when it is cancelled; what has to be saved is saved by
the training loop, never inside a signal handler.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class Interrupted(SystemExit):
    """The training has saved its state and stops; uncaught, it ends the process with 128 + signal."""


class StopFlag:
    """Whether a signal has asked for an end."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def set(self, number: int, frame: FrameType | None) -> None:
        self.signal = number

    def __bool__(self) -> bool:
        return self.signal is not None

    def stop(self) -> None:
        """Raise :class:`Interrupted`."""
        raise Interrupted(128 + (self.signal or 0))


@contextmanager
def stop_signals() -> Iterator[StopFlag]:
    """Yield a flag that these signals set inside the block; earlier handlers are put back after it."""
    flag = StopFlag()
    before = {number: signal.signal(number, flag.set) for number in SIGNALS}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
