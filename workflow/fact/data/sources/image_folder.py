"""A folder of the user's own images, labelled by class folders or not at all.

The layout is that of :mod:`fact.data.folder_layout`, the reading that of :mod:`fact.data.image_files`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fact.data.decode import MAX_PIXELS
from fact.data.folder_layout import Layout, read_layout
from fact.data.image_files import index_files, read_file
from fact.data.long_tail import LongTail
from fact.data.manifest import SourceIndex
from fact.data.subset import Keep, limited
from fact.infra.errors import ConfigError


@dataclass(frozen=True)
class IndexOptions:
    """``pool_limit`` and ``test_limit`` keep a seeded subset of each split with its class proportions.

    They are :func:`fact.data.subset.choose_subset`'s, seeded by ``subset_seed``. ``imbalance``, which
    excludes limits, cuts a long tail from classes of one size instead (:mod:`fact.data.long_tail`). Either
    is drawn among the files found, before any is opened. The others are those of
    :mod:`fact.data.image_files`.
    """

    pool_limit: int | None = None
    test_limit: int | None = None
    subset_seed: int = 0
    imbalance: float | None = None
    test_balance: str = "imbalanced"
    tail_seed: int = 0
    exif: bool = True
    max_pixels: int = MAX_PIXELS
    verify: str = "full"

    def keep(self) -> Keep:
        """Return what chooses among the files. Raises ConfigError for options that exclude each other."""
        limits = (self.pool_limit, self.test_limit)
        if self.imbalance is None:
            return limited(*limits, self.subset_seed)
        if limits != (None, None):
            raise ConfigError(
                f"imbalance: {self.imbalance} cannot be combined with pool_limit or test_limit; leave out one"
            )
        return LongTail(self.imbalance, self.test_balance, self.tail_seed).keep

    def read(self, root: Path | None, read_layout: Callable[[Path], Layout], workers: int) -> SourceIndex:
        """Return the images that ``read_layout(root)`` names, as these options say.

        Raises ConfigError for options that cannot be used, and what
        :func:`fact.data.image_files.index_files` raises.
        """
        return index_files(
            root,
            read_layout,
            self.keep(),
            exif=self.exif,
            max_pixels=self.max_pixels,
            verify=self.verify,
            workers=workers,
        )


def index(root: Path | None, *, workers: int = 1, **options: Any) -> SourceIndex:
    """Return every usable image below ``root``; width and height are those after orientation.

    ``options``: :class:`IndexOptions`. Raises ConfigError for options that cannot be used, and what
    :func:`fact.data.image_files.index_files` raises for files.
    """
    return IndexOptions(**options).read(root, read_layout, workers)


def read_image(
    root: Path | None,
    locator: str,
    sha256: str | None = None,
    *,
    exif: bool = True,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Return the image as uint8 (height, width, 3), RGB, by the policy of :mod:`fact.data.decode`.

    Raises DataError naming the file when it cannot be read as a whole, or its bytes are not those of
    ``sha256``: it was replaced after it had been indexed.
    """
    return read_file(root, locator, sha256, exif=exif, max_pixels=max_pixels)
