"""A dataset of the Hugging Face Hub that lies in a folder: Parquet or Arrow shards, or images with a list.

Layouts: :mod:`fact.data.hub_dataset`. Nothing is fetched, nothing is unpacked, and the library ``datasets``
is not needed. Sample ids are paths: of an image in a shard they name the shard, the column and the row
(``data/train-00000-of-00004.parquet/image/00000017``). The name that a shard itself gives an image is no id:
it is often missing, and whether it is unique depends on all other shards. An id stays while the shards stay;
one that was written anew is told by the sha256 of its images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fact.data.hub_dataset import read_hub_dataset
from fact.data.manifest import SourceIndex
from fact.data.sources import image_folder
from fact.data.sources.image_folder import read_image
from fact.data.split_names import Wanted, read_split_names
from fact.infra.errors import ConfigError

__all__ = ["IndexOptions", "index", "read_image"]


@dataclass(frozen=True)
class IndexOptions(image_folder.IndexOptions):
    """``splits`` names the split that is the ``pool`` and the one that is the ``test``; null: train, test.

    ``test: null`` in it reads a pool alone. ``image_column``, null: the only column of images, or
    ``file_name`` of a list. ``label_column``, null: the only declared class label, or ``label``. The others
    are those of :class:`fact.data.sources.image_folder.IndexOptions`.
    """

    splits: Mapping[str, str | None] | None = None
    image_column: str | None = None
    label_column: str | None = None

    def wanted(self) -> Wanted:
        """Return what is read. Raises ConfigError for options of another type."""
        for name, value in (("image_column", self.image_column), ("label_column", self.label_column)):
            if value is not None and not isinstance(value, str):
                raise ConfigError(f"{name}: {value!r} is no name of a column; write it in quotes, or null")
        return Wanted(read_split_names(self.splits), self.image_column, self.label_column)


def index(root: Path | None, *, workers: int = 1, **options: Any) -> SourceIndex:
    """Return every usable image of the two splits; width and height are those after orientation.

    ``options``: :class:`IndexOptions`. Images of the pool may lack a label; test images without one are
    listed and left out. Raises ConfigError for options that cannot be used, and what
    :func:`fact.data.hub_dataset.read_hub_dataset` and :func:`fact.data.image_files.index_files` raise.
    """
    own = IndexOptions(**options)
    return own.read(root, partial(read_hub_dataset, wanted=own.wanted()), workers)
