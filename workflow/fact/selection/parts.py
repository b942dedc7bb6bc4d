"""Work on an array part by part, in threads or not."""

from collections.abc import Callable, Iterable

Each = Callable[..., Iterable]  # the builtin map, or one that works in threads


def in_parts(each: Each, work: Callable[[slice], None], count: int, size: int) -> None:
    """Do ``work`` on slices of ``size`` that cover ``range(count)``, mapped by ``each``."""
    list(each(work, [slice(start, start + size) for start in range(0, count, size)]))
