"""Publish files atomically: a reader sees the old file, the new file or none, never half of one.

The content is written under a unique temporary name in the destination's own folder, flushed to the
disk and renamed over the destination. A crash at any point leaves at most a ``.name.*.tmp`` behind.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def publish(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path to write to; rename it to ``path`` when the block ends without error.

    Raises whatever the block raises, after removing the temporary file; an earlier ``path`` stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def publish_text(path: Path | str, text: str) -> None:
    """Publish ``text`` as UTF-8."""
    with publish(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


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
