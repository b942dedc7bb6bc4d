"""Files in uncompressed tar archives, under paths as if those were folders: ``n01440764.tar/1.JPEG``."""

import tarfile
from functools import lru_cache
from pathlib import Path

from fact.infra.errors import DataError

MARK = ".tar/"


def member_names(path: Path) -> list[str]:
    """The files in an archive, sorted. Raises DataError when it is damaged or compressed."""
    return sorted(_members(path, *_version(path)))


def find_archive(root: Path, path: str) -> tuple[Path, str] | None:
    """The archive and the member that a path below ``root`` names, or None where it names no member."""
    end = path.find(MARK)
    while end >= 0:
        archive = root / path[: end + len(MARK) - 1]
        if archive.is_file():
            return archive, path[end + len(MARK) :]
        end = path.find(MARK, end + 1)
    return None


def read_member(path: Path, name: str) -> bytes:
    """The bytes of a member. Raises DataError when it is not there or the archive ends before it does."""
    place = _members(path, *_version(path)).get(name)
    if place is None:
        raise DataError(f"{path} has no member {name!r}")
    offset, size = place
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(size)
    if len(data) < size:
        raise DataError(f"{path} ends within {name!r}")
    return data


def _version(path: Path) -> tuple[int, int]:
    """What changes when an archive is replaced."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=2048)
def _members(path: Path, size: int, changed: int) -> dict[str, tuple[int, int]]:
    """Offset and size of each regular file, from the headers alone."""
    try:
        with tarfile.open(path, "r:") as archive:
            return {member.name: (member.offset_data, member.size) for member in archive if member.isreg()}
    except (tarfile.TarError, OSError) as error:
        raise DataError(f"{path} cannot be read as an uncompressed tar archive: {error}") from error
