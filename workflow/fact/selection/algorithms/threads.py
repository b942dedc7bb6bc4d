"""Threads for work that mixes matrix products with compiled loops, cut into blocks beforehand."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

Each = Callable[..., Iterable]  # the builtin map, or one that works in threads


@contextmanager
def one_thread() -> Iterator[int]:
    """Run torch on one thread within the block; yield the number of threads that it had."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


@contextmanager
def workers() -> Iterator[ThreadPoolExecutor]:
    """Yield as many Python threads as torch computes with, each with torch on one thread for the while.

    torch's own threads wait for their next product by spinning, for milliseconds, on the processors that
    compiled loops in Python threads need. Blocks computed by one thread each also give the same bits
    whatever the number of threads is.
    """
    with (
        one_thread() as threads,
        ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as executor,
    ):
        yield executor


def in_parts(each: Each, work: Callable[[slice], None], count: int, size: int) -> None:
    """Do ``work`` on slices of ``size`` that cover ``range(count)``, mapped by ``each``."""
    list(each(work, [slice(start, start + size) for start in range(0, count, size)]))
