"""Write any file name as valid UTF-8 text, and get the very same file name back.

POSIX file names are bytes; Python shows undecodable ones with lone surrogates, which neither parquet,
HDF5 nor JSON can store. A relative path that is valid UTF-8 is stored as it is. Any other one is stored
as ``bytes:`` followed by its percent-encoded bytes (``/`` stays), e.g. ``bytes:train/caf%E9/1.jpg``.
A valid path that happens to begin with ``bytes:`` is encoded too, so that the scheme is reversible.
"""

import os
from urllib.parse import quote_from_bytes, unquote_to_bytes

PREFIX = "bytes:"


def to_text(path: str) -> str:
    """Return the stored form of a path as Python's ``os`` functions return it."""
    if is_utf8(path) and not path.startswith(PREFIX):
        return path
    return PREFIX + quote_from_bytes(os.fsencode(path), safe="/")


def to_path(text: str) -> str:
    """Return the path that :func:`to_text` wrote as ``text``."""
    if text.startswith(PREFIX):
        return os.fsdecode(unquote_to_bytes(text.removeprefix(PREFIX)))
    return text


def is_utf8(path: str) -> bool:
    """Return whether a path has no undecodable byte."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
