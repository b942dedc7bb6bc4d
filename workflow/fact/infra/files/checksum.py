"""What files that carry their own checksum have in common: its name, and what to do when it is wrong."""

from pathlib import Path

CHECKSUM = "content_sha256"
REMEDY = "delete it and run again"


def existing(path: Path | str) -> Path:
    """Return the path of a file that is there. Raises FileNotFoundError, naming it, when it is not."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; run the workflow again to make it")
    return path
