"""A new HDF5 file in which a full disk is an error that can be handled, not the end of the process."""

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import h5py

from fact.features.checks import open_features

# opens a file of one format, checked for all but its bulk
Opening = Callable[[Path], AbstractContextManager[object]]


@contextmanager
def new_file(temporary: Path, path: Path, opening: Opening = open_features) -> Iterator[h5py.File]:
    """Yield an empty HDF5 file at ``temporary``; close it, then check it, when the block ends without error.

    ``opening`` is what its readers open it with. ``path`` is the place that it is written for; errors of
    writing are OSErrors that name it.
    """
    with naming(path):
        file = _create(temporary)
    try:
        yield file
    except BaseException:
        with suppress(OSError, RuntimeError):  # a full disk fails the closing too; the first error counts
            file.close()
        raise
    with naming(path):
        file.close()
    with opening(temporary):
        pass  # opening checks all but the bulk


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn HDF5's errors of writing, which name a temporary file or none, into one that names ``path``."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        message = f"{path}: cannot be written; check free space and quota ({reason})"
        raise OSError(errno.EIO, message) from error


def check_room(
    path: Path, needed: int, what: str = "features", remedy: str = "free some space, or store fewer tokens"
) -> None:
    """Raise OSError when the disk of ``path`` has less than ``needed`` bytes free for ``what``."""
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        message = f"{what} need {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB are free"
        raise OSError(errno.ENOSPC, f"{message}; {remedy}", str(path))


def _create(path: Path) -> h5py.File:
    """Return a file in the format of HDF5 1.8, the oldest with checksums on structures; no locks or times.

    Without the buffer, too, that defers small writes of data: with it, a write that fails on a full disk
    fails once more while HDF5 closes the file, and there it kills the process (HDF5 2.0.0).
    """
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_file_locking(False, True)
    access.set_sieve_buf_size(0)
    access.set_libver_bounds(h5py.h5f.LIBVER_V18, h5py.h5f.LIBVER_V18)
    created = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    created.set_obj_track_times(False)
    return h5py.File(h5py.h5f.create(bytes(path), h5py.h5f.ACC_TRUNC, fcpl=created, fapl=access))
