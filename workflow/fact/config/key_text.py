"""Keys and values of a configuration as text, for what is said of them."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from string import digits as DIGITS


def dotted(*parts: object) -> str:
    return ".".join(str(part) for part in parts if part != "")


def show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."


def known_names(name: str, known: Iterable[str], what: str = "known are") -> str:
    """Return the names that are known, after the one that was probably meant."""
    known = list(known)
    # forgives swapped, doubled and missing letters, and upper case; table9 is not meant for table1
    letters = name.lower().strip(DIGITS)
    numbered = letters != name.lower() and any(other.lower().strip(DIGITS) == letters for other in known)
    lower = {} if numbered else {other.lower(): other for other in known}
    meant = get_close_matches(name.lower(), lower, n=1, cutoff=0.7)
    hint = f"did you mean '{lower[meant[0]]}'? " if meant else ""
    return f"{hint}{what} {', '.join(known)}"
