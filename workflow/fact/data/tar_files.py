"""Files in uncompressed tar archives, under paths as if those were folders: ``n01440764.tar/1.JPEG``.

An archive in an archive, at whatever depth of folders, is a folder likewise:
``train.tar/train/n01440764.tar/1.JPEG``. Names are those of the archive, ``./`` in front of them included.
"""

import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

from fact.data.file_version import file_version
from fact.data.walk import visible_files
from fact.infra.errors import DataError

SUFFIX = ".tar"


def member_names(path: Path) -> list[str]:
    """Return the files in an archive, and in those that it holds, sorted.

    Raises DataError when it, or one that it holds, is damaged or compressed.
    """
    return sorted(_members(path, *file_version(path)))


def read_member(path: Path, name: str) -> bytes:
    """Return the bytes of a member.

    Raises DataError when it is not there or the archive ends before it does.
    """
    place = _members(path, *file_version(path)).get(name)
    if place is None:
        raise DataError(f"{path} has no member {name!r}")
    offset, size = place
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(size)
    if len(data) < size:
        raise DataError(f"{path} ends within {name!r}")
    return data


def find_archives(root: Path, folder: str = "") -> list[str]:
    """Return the archives at any depth below ``root/folder``, by path relative to the root, sorted."""
    return sorted(path for path in visible_files(root, folder) if path.endswith(SUFFIX))


@lru_cache(maxsize=2048)
def _members(path: Path, size: int, changed: int) -> dict[str, tuple[int, int]]:
    """Return offset and size of each regular file, from the headers alone."""
    with path.open("rb") as file:
        return {name: (offset, length) for name, offset, length in _walk(file, str(path))}


def _walk(file: IO[bytes], origin: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, offset and size of the regular files of an archive; those of archives in it instead."""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                if not member.isreg():
                    continue
                inner = archive.extractfile(member) if member.name.endswith(SUFFIX) else None
                if inner is None:
                    yield member.name, member.offset_data, member.size
                    continue
                for name, offset, size in _walk(inner, f"{origin}/{member.name}"):
                    yield f"{member.name}/{name}", member.offset_data + offset, size
    except (tarfile.TarError, OSError) as error:
        raise DataError(f"{origin} cannot be read as an uncompressed tar archive: {error}") from error
