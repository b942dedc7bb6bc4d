"""Values that may be None by their type and never are in their place."""

from typing import TypeVar

Value = TypeVar("Value")


def needed(value: Value | None, name: str) -> Value:
    """Return the value. Raises ValueError naming what is None, which is a bug of the caller."""
    if value is None:
        raise ValueError(f"{name} is None where it is needed")
    return value
