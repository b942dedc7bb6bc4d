"""Import large packages quickly.

timm, torchvision, peft and transformers make hundreds of thousands of objects that stay. Python's garbage
collector walks all of them again and again as they grow, and finds nothing: a third of timm's import.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_rests() -> Iterator[None]:
    """Let the garbage collector rest within the block."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
