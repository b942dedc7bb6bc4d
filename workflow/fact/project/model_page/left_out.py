"""Files that could not be used, with their reasons."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from fact.data.manifest import FileOutcome

SHOWN = 300


class LeftOut(NamedTuple):
    """How many files have each outcome, the first of those not used with their reasons, how many more."""

    used: int
    counts: dict[str, int]
    rows: list[tuple[str, str, str]]
    more: int


def left_out(files: Mapping[str, tuple[str, str]]) -> LeftOut:
    """Return what became of files that are not used; ``files``: :func:`fact.data.manifest.read_files`."""
    counts = Counter(outcome for outcome, _ in files.values())
    kinds = [
        kind for kind in (FileOutcome.UNREADABLE, FileOutcome.IGNORED, FileOutcome.DUPLICATE) if counts[kind]
    ]
    rows = [
        (name, kind.value, reason)
        for kind in kinds
        for name, (outcome, reason) in files.items()
        if outcome == kind
    ]
    found = {kind.value: counts[kind] for kind in kinds}
    return LeftOut(counts[FileOutcome.USED], found, rows[:SHOWN], max(0, len(rows) - SHOWN))
