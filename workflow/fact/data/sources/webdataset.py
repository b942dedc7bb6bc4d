"""A WebDataset that lies in a folder: tar archives of images with their labels, which are not unpacked.

Layout: :mod:`fact.data.webdataset_layout`. Sample ids are paths through the archives
(``train-0000.tar/000017.jpg``), so that equal names in different archives do not meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fact.data.manifest import SourceIndex
from fact.data.sources import image_folder
from fact.data.sources.image_folder import read_image
from fact.data.split_names import read_split_names
from fact.data.webdataset_layout import Keys, read_webdataset
from fact.infra.errors import ConfigError

__all__ = ["IndexOptions", "index", "read_image"]


@dataclass(frozen=True)
class IndexOptions(image_folder.IndexOptions):
    """``splits`` names the split that is the ``pool`` and the one that is the ``test``; null: train, test.

    ``test: null`` in it reads a pool alone. ``image_key``: the end of an image's name such as ``jpg``, where
    a sample has several images. ``label_key``: a key of the ``.json``; null: ``.cls``, else ``label`` of the
    ``.json``. The others are those of :class:`fact.data.sources.image_folder.IndexOptions`.
    """

    splits: Mapping[str, str | None] | None = None
    image_key: str | None = None
    label_key: str | None = None

    def keys(self) -> Keys:
        """Return the keys of a sample. Raises ConfigError for options of another type."""
        for name, value in (("image_key", self.image_key), ("label_key", self.label_key)):
            if value is not None and not isinstance(value, str):
                raise ConfigError(f"{name}: {value!r} is no text; write it in quotes, or null")
        return Keys(self.image_key, self.label_key)


def index(root: Path | None, *, workers: int = 1, **options: Any) -> SourceIndex:
    """Return every usable image of the two splits; width and height are those after orientation.

    ``options``: :class:`IndexOptions`. Images of the pool may lack a label; test images without one are
    listed and left out. Raises ConfigError for options that cannot be used, and what
    :func:`fact.data.webdataset_layout.read_webdataset` and :func:`fact.data.image_files.index_files` raise.
    """
    own = IndexOptions(**options)
    return own.read(
        root, partial(read_webdataset, splits=read_split_names(own.splits), keys=own.keys()), workers
    )
