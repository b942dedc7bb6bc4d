"""One thing that is said of a file: a name, a value for programs, and a text for people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fact.infra.process.printable import printable

if TYPE_CHECKING:
    import numpy as np

SHORT = 100


class Entry(NamedTuple):
    """``value`` is plain JSON. ``text`` stands for it on the terminal, where given: a line or several."""

    name: str
    value: object
    text: str | None = None

    def lines(self) -> Iterator[str]:
        """Yield the lines for the terminal."""
        yield from (f"{self.name}: {self.value}" if self.text is None else self.text).split("\n")


def short(value: object) -> str:
    """Return a value in one short line: long lists and records by their lengths."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if isinstance(value, list | dict) and len(text) > SHORT:
        return f"{len(value)} values, {text[:60]}…"
    return text


def stored(content: Mapping[str, object]) -> Iterator[Entry]:
    """Yield the content of a record or a header, sorted by name."""
    yield from (Entry(name, value, f"{name}: {short(value)}") for name, value in sorted(content.items()))


def counted(name: str, counts: Mapping[object, int]) -> Entry:
    """Return how often values occur, in one line."""
    told = ", ".join(f"{value} {count}" for value, count in counts.items())
    return Entry(name, {str(value): int(count) for value, count in counts.items()}, f"{name}: {told}")


def spread(name: str, values: "np.ndarray") -> Entry:
    """Return the smallest, the mean and the largest of numbers, in one line."""
    found = {"min": float(values.min()), "mean": float(values.mean()), "max": float(values.max())}
    return Entry(name, found, f"{name}: " + ", ".join(f"{key} {value:.4g}" for key, value in found.items()))


def as_text(entries: Iterable[Entry]) -> str:
    """Return what a terminal shows; no name can steer it."""
    return "\n".join(printable(line) for entry in entries for line in entry.lines())


def as_json(entries: Iterable[Entry]) -> str:
    """Return the values as one JSON object."""
    return json.dumps({entry.name: entry.value for entry in entries}, indent=1, ensure_ascii=False)


def size_text(count: int) -> str:
    """Return a number of bytes with its unit."""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count / 2**10:.1f} KiB"
