"""Wall time by phase, in seconds; a phase inside another one does not count twice."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Clock:
    """Adds up the seconds of named phases; can be read while a phase runs and go on from earlier sums."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def time(self, phase: str) -> Iterator[None]:
        """Count the block as ``phase``; a phase around it stands still meanwhile."""
        self._settle()
        self._running.append(phase)
        try:
            yield
        finally:
            self._settle()
            self._running.pop()

    def seconds(self) -> dict[str, float]:
        """Return seconds of every phase up to now."""
        self._settle()
        return dict(self._sums)

    def add(self, seconds: Mapping[str, float]) -> None:
        """Go on from the sums of an interrupted run."""
        for phase, count in seconds.items():
            self._sums[phase] = self._sums.get(phase, 0.0) + count

    def _settle(self) -> None:
        now = time.perf_counter()
        if self._running:
            phase = self._running[-1]
            self._sums[phase] = self._sums.get(phase, 0.0) + now - self._since
        self._since = now
