"""The declared class names, from the file that a user writes or the one that indexing wrote."""

from collections import Counter
from pathlib import Path

from fact.data.classes import read_classes
from fact.infra.errors import LabelError
from fact.project.labels.vote import plain_name


def declared_classes(path: Path) -> list[str]:
    """Return class names of a ``classes.json``, or of a text file with one per line, in their order.

    Raises FileNotFoundError, and LabelError for a file without classes, with one twice or not UTF-8.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; write the class names into it, one per line")
    names = list(map(plain_name, read_classes(path) if path.suffix == ".json" else _lines(path)))
    if not names:
        raise LabelError(f"{path} names no class; write the class names into it, one per line")
    repeated, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise LabelError(f"{path} names the class {repeated!r} twice; keep one")
    return names


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelError(f"{path} is not UTF-8 ({error}); save it as UTF-8") from error
    return [line.strip() for line in text.split("\n") if line.strip()]
