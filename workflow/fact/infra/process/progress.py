"""Progress of long stages: a bar on a terminal, a plain line every tenth in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def log(message: str) -> None:
    """Write one line of a stage's log, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def track(steps: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield the steps and show how far they are."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track as bar

        yield from bar(steps, total=total, description=label, console=Console(stderr=True))
        return
    shown = 0
    for number, step in enumerate(steps, start=1):
        yield step
        if number * 10 // max(total, 1) > shown:
            shown = number * 10 // max(total, 1)
            log(f"{label}: {number} of {total}")
