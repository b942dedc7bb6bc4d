"""ImageNet-1k (ILSVRC 2012) from the folders or tar archives that people have of it.

O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The 1,281,167 training
images are the pool, the 50,000 validation images the test set. Layouts: :mod:`fact.data.imagenet_layout`.

EXIF orientation is not honoured, for no published number is made with it. The images may only be had from
image-net.org or Kaggle, by who accepted the terms: there is no download.
"""

from pathlib import Path

from fact.data.counts import Counts
from fact.data.image_files import index_files
from fact.data.image_files import read_as_stored as read_image
from fact.data.imagenet_layout import read_imagenet
from fact.data.manifest import SourceIndex
from fact.data.subset import limited

__all__ = ["expected_counts", "index", "read_image"]


def index(
    root: Path | None,
    *,
    pool_limit: int | None = None,
    test_limit: int | None = None,
    subset_seed: int = 0,
    verify: str = "header",
    workers: int = 1,
) -> SourceIndex:
    """Every usable image, or a seeded subset of a split in its class proportions; labels by sorted synset.

    Other settings and errors: :func:`fact.data.image_files.index_files`; ``verify`` is ``header``, as
    decoding all takes hours.
    """
    keep = limited(pool_limit, test_limit, subset_seed)
    return index_files(root, read_imagenet, keep, exif=False, verify=verify, workers=workers)


def expected_counts() -> Counts:
    """Those of the challenge."""
    return Counts(classes=1_000, pool=1_281_167, test=50_000)
