"""Where a chosen image lies, inside the image folder and nowhere else."""

from pathlib import Path, PurePosixPath

from fact.data.path_text import to_path
from fact.infra.errors import LabelError


def image_path(root: Path, path: str) -> Path:
    """The file of a path that :mod:`fact.data.path_text` wrote, below ``root``.

    Raises LabelError for one that would leave it, as an edited selection may hold.
    """
    relative = to_path(path)
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise LabelError(f"{path!r} leaves the image folder; select again, or mend the path")
    return root / relative
