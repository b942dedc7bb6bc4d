"""Files within files, under paths as if the outer one were a folder: members of tar archives, rows of shards.

Tar archives: :mod:`fact.data.tar_files`, one in another too; shards: :mod:`fact.data.shard_rows`.
"""

from pathlib import Path

from fact.data.shard_rows import SUFFIXES as SHARDS
from fact.data.shard_rows import read_row
from fact.data.tar_files import SUFFIX as ARCHIVE
from fact.data.tar_files import read_member


def find_packed(root: Path, path: str) -> tuple[Path, str] | None:
    """Return the file that holds what a path below ``root`` names, and the name in there.

    None where the path names a file of its own. A folder may be called ``some.tar`` too.
    """
    for suffix in (ARCHIVE, *SHARDS):
        mark = f"{suffix}/"
        end = path.find(mark)
        while end >= 0:
            outer = root / path[: end + len(suffix)]
            if outer.is_file():
                return outer, path[end + len(mark) :]
            end = path.find(mark, end + 1)
    return None


def read_packed(outer: Path, name: str) -> bytes:
    """Return the bytes of what :func:`find_packed` found. Raises DataError where they cannot be read."""
    return read_member(outer, name) if outer.suffix == ARCHIVE else read_row(outer, name)
