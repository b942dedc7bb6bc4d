"""Map a function over items in threads: in order, a bounded distance ahead of the consumer."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from fact.infra.errors import DataError

Item = TypeVar("Item")
Result = TypeVar("Result")

# items a thread takes at a time: hands over small images in bulk, and large ones soon enough
CHUNK = 16


def map_ordered(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, ahead: int = 64
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in the items' order whatever the number of ``workers``.

    At most about ``ahead`` results (and never fewer than keep every worker busy) wait for the consumer,
    so that an endless or huge ``items`` needs little memory. The first exception is raised at its place.
    """
    if workers < 1:
        raise DataError(f"workers: {workers} is below 1; decoding needs at least one thread")
    waiting: deque[Future[list[Result]]] = deque()
    most = max(2 * workers, -(-ahead // CHUNK))
    with ThreadPoolExecutor(workers) as pool:
        try:
            for chunk in _chunks(items):
                waiting.append(pool.submit(_apply, function, chunk))
                if len(waiting) > most:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _apply(function: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    return [function(item) for item in items]


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
