"""What changes when a file is replaced."""

from pathlib import Path


def file_version(path: Path) -> tuple[int, int]:
    """Return size and time of change; what is remembered of a file is kept under these."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
