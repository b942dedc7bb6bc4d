"""Publish files atomically: a reader sees the old file, the new file or none, never half of one.

The content is written under a unique temporary name in the destination's own folder, flushed to the
disk and renamed over the destination. A crash at any point leaves at most a ``.name.*.tmp`` behind, which the
next publication of the same file on the same machine removes.
"""

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@contextmanager
def publish(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path to write to; rename it to ``path`` when the block ends without error.

    Raises whatever the block raises, after removing the temporary file; an earlier ``path`` stays. Where
    the disk is full, or a quota or limit reached, OSError says so with the path and the bytes.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{os.fsdecode(os.fsencode(path.name)[:100])}.{socket.gethostname()[:60]}-"
    _remove_left_behind(path.parent, prefix)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{prefix}{os.getpid()}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    except Exception as error:
        if _is_full(error):
            raise _no_room(path, temporary, error) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def publish_text(path: Path | str, text: str) -> None:
    """Publish ``text`` as UTF-8."""
    with publish(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def _is_full(error: Exception) -> bool:
    # libraries that write files themselves tell it in words alone
    words = ("No space left", "File too large", "quota exceeded")
    return getattr(error, "errno", None) in FULL or any(word in str(error) for word in words)


def _no_room(path: Path, temporary: Path, error: Exception) -> OSError:
    written, free = temporary.stat().st_size, shutil.disk_usage(path.parent).free
    return OSError(
        errno.ENOSPC,
        f"no room to write {path}: {written} bytes were written, {free} are free there ({error}); an earlier "
        "file is as it was. Make room and run the same command again",
    )


def _remove_left_behind(folder: Path, prefix: str) -> None:
    """Remove temporary files whose writers on this machine are dead."""
    for name in os.listdir(folder):
        writer = name.removeprefix(prefix).partition(".")[0]
        if name.startswith(prefix) and name.endswith(".tmp") and writer.isdigit() and not _lives(int(writer)):
            (folder / name).unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
