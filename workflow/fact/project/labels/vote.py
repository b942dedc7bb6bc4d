"""What one annotator said of one image, whatever file it came in."""

from datetime import UTC, datetime
from typing import NamedTuple
from unicodedata import normalize

from fact.infra.errors import LabelError

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Vote(NamedTuple):
    """``choices`` are class names, none where the image was left without one; ``origin`` is file and place.

    ``path`` and ``sha256`` are the image's, where the file has them, as checks of the id.
    ``annotator`` is whom the file names, else the file itself. ``time`` orders what one annotator said twice.
    """

    sample_id: str
    choices: tuple[str, ...]
    annotator: str
    origin: str
    time: datetime = EARLIEST
    cancelled: bool = False
    path: str = ""
    sha256: str = ""


def stripped(choices: list[str]) -> tuple[str, ...]:
    """Return the class names without spaces around them, in NFC; empty ones are no choice.

    Programs write the same letter as one sign or as two: macOS's names of folders are of the second kind.
    """
    return tuple(name for name in map(plain_name, choices) if name)


def distinct(choices: list[str]) -> tuple[str, ...]:
    """Return the same, each class once: of several marks in one image that say the same, one counts."""
    return tuple(dict.fromkeys(stripped(choices)))


def plain_name(name: str) -> str:
    """Return a class name as names are compared."""
    return normalize("NFC", name.strip())


def parse_time(text: str, origin: str) -> datetime:
    """Return an ISO 8601 time, UTC where it names no zone; none at all is the earliest. Raises LabelError."""
    try:
        time = datetime.fromisoformat(text) if text else EARLIEST
    except ValueError as error:
        raise LabelError(f"{origin}: the time {text!r} is not ISO 8601; mend or empty it") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
