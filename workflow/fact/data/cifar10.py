"""CIFAR-10 from its published Python batches (:mod:`fact.data.cifar_batches`).

``root`` holds ``cifar-10-batches-py/`` (or is that folder).
"""

from pathlib import Path

import numpy as np

from fact.data.cifar_batches import (
    Batches,
    check_batches,
    download_batches,
    index_batches,
    read_row,
)
from fact.data.counts import Counts
from fact.data.manifest import SourceIndex
from fact.data.subset import limited

CIFAR10 = Batches(
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    meta="batches.meta",
    names_key=b"label_names",
    labels_key=b"labels",
    files={"pool": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)},
    classes=10,
)


def index(
    root: Path | None,
    *,
    pool_limit: int | None = None,
    test_limit: int | None = None,
    subset_seed: int = 0,
) -> SourceIndex:
    """All samples, in training order, or a seeded subset of a split in its class proportions.

    Names and errors: :func:`fact.data.cifar_batches.index_batches`.
    """
    return index_batches(CIFAR10, root, limited(pool_limit, test_limit, subset_seed))


def read_image(root: Path | None, locator: str, sha256: str | None = None) -> np.ndarray:
    """The image as uint8 (32, 32, 3), RGB.

    Raises ValueError for a locator that is not in the batches, or an image other than ``sha256`` says.
    """
    return read_row(CIFAR10, root, locator, sha256)


def download(root: Path) -> None:
    """Download the published archive into ``root``, check it against its md5 and unpack it (170 MB)."""
    download_batches(CIFAR10, root)


def check_files(root: Path | None) -> None:
    """Raise unless every file has its published md5."""
    check_batches(CIFAR10, root)


def expected_counts() -> Counts:
    """Those of the paper."""
    return Counts(classes=10, pool=50_000, test=10_000)
