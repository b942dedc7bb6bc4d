"""The settings of a selector, read from the plain JSON of the configuration."""

from dataclasses import dataclass

from fact.infra.fields import Settings


@dataclass(frozen=True)
class SelectorSettings:
    """``module`` and ``params`` of a selector, or of its second step.

    ``near_duplicates``: the cosine from which on an image counts as a copy of one before it; None: never.
    ``ridge``: regularisation of the map from texts to features, of a selector that has texts.
    """

    module: str
    params: Settings
    near_duplicates: float | None = None
    ridge: float | None = None

    @classmethod
    def from_plain(cls, plain: Settings) -> "SelectorSettings":
        """Read an entry of ``config/selectors.yaml``, which has passed the schema."""
        text = plain.get("text") or {}
        return cls(plain["module"], plain["params"], plain.get("near_duplicates"), text.get("ridge"))
