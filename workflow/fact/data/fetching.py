"""Where the images of a declared dataset are: a configured folder, or what its source downloads."""

from collections.abc import Callable
from pathlib import Path

from fact.data.contract import load_source
from fact.infra.errors import DataError
from fact.infra.fields import Settings
from fact.infra.files.record import publish_record


def fetch_source(name: str, settings: Settings, output: Path) -> Path | None:
    """Find the root of dataset ``name``, or download it beside ``output``; write it down in ``output``.

    ``settings`` are the dataset's ``source`` and ``root``. Returns None for a source that needs no folder.
    Raises FileNotFoundError when the root is not there, DataError when nothing can be downloaded.
    """
    root = settings["root"]
    source = load_source(settings["source"])
    if root is None and hasattr(source, "download"):
        root = str(output.parent)
        _download(name, source.download, Path(root))
    if root is not None and not Path(root).is_dir():
        raise FileNotFoundError(
            f"datasets.{name}.root: the folder {root} does not exist; put the images there or change the key"
        )
    publish_record(output, {"source": settings["source"], "root": root})
    return Path(root) if root else None


def _download(name: str, download: Callable[[Path], None], root: Path) -> None:
    try:
        download(root)
    except (OSError, DataError) as error:
        raise DataError(
            f"datasets.{name} could not be downloaded to {root} ({error}); run this where there is a "
            f"network, or set datasets.{name}.root to a local copy"
        ) from error
