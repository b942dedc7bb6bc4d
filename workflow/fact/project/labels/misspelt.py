"""Names of classes that are perhaps another one misspelt. Nothing is corrected by guess: they are named."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from unicodedata import normalize

from fact.project.labels.reconcile import Outcome, Reconciliation

SHORT = 4
ALIKE_SHORT, ALIKE = 0.65, 0.85
"""Ratio of :mod:`difflib` from which on names of up to four letters, and longer ones, are alike."""


def misspelt(result: Reconciliation, classes: Sequence[str] | None) -> dict[str, str]:
    """Return labels that are perhaps another class: unknown ones, or without declared classes the rarer of
    two that are alike.
    """
    if classes is not None:
        unknown = {vote.choices[0] for vote, outcome in result.outcomes if outcome is Outcome.UNKNOWN_CLASS}
        return {name: found for name in sorted(unknown) if (found := _nearest(name, classes, ALIKE_SHORT))}
    return _rarer_twins(Counter(result.labels.values()))


def are_twins(one: str, other: str) -> bool:
    """Return whether two names are one, written twice: by case, spaces or signs, or by a slip of the hand.

    Names that differ in their numbers alone are two classes.
    """
    return _are_twins(_plain(one), _plain(other))


def _are_twins(plain: str, same: str) -> bool:
    if plain == same:
        return True
    least = ALIKE_SHORT if min(len(plain), len(same)) <= SHORT else ALIKE
    if not _can_be_alike(plain, same, least):
        return False
    if _without_digits(plain) == _without_digits(same):
        return False
    return _ratio(plain, same) >= least


def _rarer_twins(counts: Mapping[str, int]) -> dict[str, str]:
    found: dict[str, str] = {}
    plain = {name: _plain(name) for name in counts}
    for pair in combinations(sorted(counts), 2):
        if not _are_twins(*(plain[name] for name in pair)):
            continue
        rare, frequent = sorted(pair, key=lambda name: (counts[name], name != name.lower()))
        # short names are alike by chance: there only a rare one beside a frequent one is suspect
        chance = min(map(len, pair)) <= SHORT and plain[rare] != plain[frequent]
        if not chance or counts[rare] <= 2 < counts[frequent]:
            found[rare] = frequent
    return found


def _nearest(name: str, classes: Sequence[str], least: float) -> str | None:
    ratio, found = max(((_ratio(_plain(name), _plain(known)), known) for known in classes), default=(0.0, ""))
    return found if ratio >= least else None


def _can_be_alike(one: str, other: str, least: float) -> bool:
    """Return whether lengths and letters allow the ratio: a thousand classes are half a million pairs."""
    if 2 * min(len(one), len(other)) < least * (len(one) + len(other)):
        return False
    return len(set(one) ^ set(other)) <= max(2, (1 - least) * (len(one) + len(other)))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _plain(name: str) -> str:
    """Return a name without case, and spaces, hyphens and underscores as one sign."""
    return re.sub(r"[\s_-]+", " ", normalize("NFKC", name).casefold()).strip()


def _without_digits(name: str) -> str:
    return re.sub(r"\d+", "", name)
