"""Read frozen dataclasses from plain JSON, with an error that names the key."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Protocol, TypeVar

from fact.infra.errors import ConfigError, FactError


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Kind = TypeVar("Kind", bound=Dataclass)

Settings = Mapping[str, Any]
"""Plain JSON by its keys: the configuration, settings and records, until a reader makes an object of them."""


def read_fields(
    kind: type[Kind], settings: Mapping[str, object], where: str, error: type[FactError] = ConfigError
) -> Kind:
    """Return a dataclass from those entries of ``settings`` that are its fields; lists become tuples.

    Other entries are left to their own readers. Raises ``error`` naming ``where`` and a missing key.
    """
    own = fields(kind)
    needed = {field.name for field in own if field.default is MISSING and field.default_factory is MISSING}
    if missing := sorted(needed - set(settings)):
        raise error(
            f"{where}: the key {missing[0]!r} is missing; it has {', '.join(sorted(settings)) or 'none'}"
        )
    return kind(**{field.name: _frozen(settings[field.name]) for field in own if field.name in settings})


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
