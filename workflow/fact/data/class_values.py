"""Values of a column of labels as names of classes, and the order of the classes."""

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from fact.infra.errors import DataError

UNLABELLED = "-1"
"""The number that stands for "no label", as the Hub's test splits have it."""


def class_name(value: object, names: Sequence[str] | None, origin: str) -> str | None:
    """Return the class of a value, in NFC and without spaces around it; None where it is no label.

    No label are null, an empty text, not a number, and -1. ``names``: the classes that whole numbers are
    positions in, None where there are none. Raises DataError, beginning with ``origin``, for a list, a
    fraction, and a number beyond the names.
    """
    text = _text(value, origin)
    if text in ("", UNLABELLED):
        return None
    if names is None or isinstance(value, str):
        return text
    if not 0 <= int(text) < len(names):
        raise DataError(f"{origin}: label {text} is no position in {len(names)} classes; mend the column")
    return plain_name(names[int(text)])


def plain_name(name: str) -> str:
    """Return the name of a class as names are compared."""
    return normalize("NFC", name.strip())


def class_order(found: Iterable[str], names: Sequence[str] | None, origin: str) -> list[str]:
    """Return the classes in the order of ``names``, else by number where all are numbers, else by text.

    Raises DataError where two names are one in NFC.
    """
    if names is None:
        classes = set(found)
        numbers = all(name.isascii() and name.isdecimal() for name in classes)
        return sorted(classes, key=lambda name: (int(name) if numbers else 0, name))
    plain = list(map(plain_name, names))
    if repeated := sorted({name for name in plain if plain.count(name) > 1}):
        raise DataError(f"{origin} declares the class {repeated[0]!r} twice; rename one")
    return plain


def _text(value: object, origin: str) -> str:
    """Return a scalar as text, whole numbers without a point; empty for null and for not a number."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return plain_name(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    raise DataError(
        f"{origin}: {value!r} is no label; name a column of one class per image in options.label_column"
    )
