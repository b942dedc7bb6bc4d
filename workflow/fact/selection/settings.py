"""The settings of a selector, read from the plain JSON of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SelectorSettings:
    """``module`` and ``params`` of a selector, or of its second step.

    ``near_duplicates``: the cosine from which on an image counts as a copy of one before it; None: never.
    ``ridge``: regularisation of the map from texts to features, of a selector that has texts.
    """

    module: str
    params: Mapping[str, object]
    near_duplicates: float | None = None
    ridge: float | None = None

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "SelectorSettings":
        """Read an entry of ``config/selectors.yaml``, which has passed the schema."""
        text = plain.get("text") or {}
        return cls(plain["module"], plain["params"], plain.get("near_duplicates"), text.get("ridge"))
