"""Wait for what other processes do."""

import time
from collections.abc import Callable

# far more than it takes, on any machine
LIMIT_S = 400


def wait_for(
    happened: Callable[[], object], otherwise: str = "it did not happen", pause_s: float = 0.2
) -> None:
    """Ask every ``pause_s`` seconds. Raises TimeoutError, which says ``otherwise``, after LIMIT_S."""
    deadline = time.monotonic() + LIMIT_S
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(pause_s)
