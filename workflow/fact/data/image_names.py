"""Which image a name means: an id, a path, or a file name that one image alone has.

Names are compared in NFC. A name that fits two images means none of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from unicodedata import normalize
from urllib.parse import unquote

NAME_COLUMNS = ("sample_id", "path", "file_name", "filename", "image")
"""Columns of a table that name an image, the first that is filled in counts."""

# Label Studio puts eight hexadecimal digits in front of the names of images that are uploaded into it
UPLOADED = re.compile(r"[0-9a-f]{8}-(?P<name>.+)")
SERVED = "/data/local-files/?d="


class ImageNames:
    """Finds the image that a name means, among ids and paths that are known."""

    def __init__(self, paths: Mapping[str, str], root: Path | None = None) -> None:
        """Take paths by sample id, and the folder that they are relative to."""
        self.root = root
        plain = [(_plain(name), sample_id) for sample_id, path in paths.items() for name in (sample_id, path)]
        self.by_path = unique_meanings(plain)
        self.by_name = unique_meanings((PurePosixPath(name).name, sample_id) for name, sample_id in plain)

    def find(self, name: str) -> str | None:
        """Return the sample id of the image that a path, a file name or an address of Label Studio means."""
        path = _plain(unquote(name.partition(SERVED)[2]) if SERVED in name else name)
        if not path:
            return None
        inside = self._inside(path)
        base = PurePosixPath(path).name
        uploaded = UPLOADED.fullmatch(base)
        short = self.by_name.get(base) or (uploaded and self.by_name.get(uploaded["name"]))
        return self.by_path.get(path) or (inside and self.by_path.get(inside)) or short or None

    def _inside(self, path: str) -> str | None:
        """Return an absolute path as one below the root."""
        root = _plain(str(self.root.resolve())) if self.root else ""
        return path.removeprefix(f"{root}/") if root and path.startswith(f"{root}/") else None


def unique_meanings(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what each name means, of ``(name, sample id)`` pairs whose name means one image alone."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, sample_id in pairs:
        found[name].add(sample_id)
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}


def _plain(path: str) -> str:
    """Return a path as paths are compared: in NFC, with ``/``, without ``./`` in front."""
    return normalize("NFC", path.strip()).replace("\\", "/").removeprefix("./")
