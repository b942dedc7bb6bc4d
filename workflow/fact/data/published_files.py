"""A published data set of image files: what its source has besides the layout."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fact.data.folder_layout import Layout
from fact.data.image_files import index_files, read_file
from fact.data.manifest import Counts, SourceIndex
from fact.data.subset import limited


@dataclass(frozen=True)
class PublishedFiles:
    """The functions of a source; ``read_layout(root)`` finds the images, ``verify`` is how they are opened.

    EXIF orientation is not honoured, for no published number is made with it.
    """

    read_layout: Callable[[Path], Layout]
    counts: Counts
    verify: str = "full"

    def index(
        self,
        root: Path | None,
        *,
        pool_limit: int | None = None,
        test_limit: int | None = None,
        subset_seed: int = 0,
        verify: str | None = None,
        workers: int = 1,
    ) -> SourceIndex:
        """Return every usable image, or a seeded subset of a split in its class proportions.

        ``verify`` is the source's own unless given. Images that are listed and missing are problems.
        Settings and errors: :func:`fact.data.image_files.index_files`.
        """
        keep = limited(pool_limit, test_limit, subset_seed)
        return index_files(
            root, self.read_layout, keep, exif=False, verify=verify or self.verify, workers=workers
        )

    def read_image(self, root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
        """Return the image as uint8 (height, width, 3), RGB.

        Raises DataError naming the file when it cannot be read as a whole, or is not what was indexed.
        """
        return read_file(root, locator, sha256, exif=False)

    def expected_counts(self) -> Counts:
        """Return the published ones, which are those of the paper."""
        return self.counts
