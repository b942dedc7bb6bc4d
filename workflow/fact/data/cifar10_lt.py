"""CIFAR-10-LT: a long tail of CIFAR-10 (:mod:`fact.data.long_tail`), read from the same files.

12,406 training images; 2,478 test images as the paper has them, or all 10,000.
"""

from pathlib import Path

from fact.data.cifar10 import CIFAR10, check_files, download, read_image
from fact.data.cifar_batches import index_batches
from fact.data.counts import Counts
from fact.data.long_tail import LongTail
from fact.data.manifest import SourceIndex

__all__ = ["check_files", "download", "expected_counts", "index", "read_image"]


def index(
    root: Path | None, *, imbalance: float = 100, test_balance: str = "imbalanced", tail_seed: int = 0
) -> SourceIndex:
    """The samples kept, under the names that they have in CIFAR-10.

    ``imbalance`` is the ratio of the largest class to the smallest, ``test_balance`` imbalanced or balanced;
    ``tail_seed`` draws the images kept. Raises ValueError for settings that are none, besides what
    :func:`fact.data.cifar_batches.index_batches` raises.
    """
    return index_batches(CIFAR10, root, LongTail(imbalance, test_balance, tail_seed).keep)


def expected_counts(*, imbalance: float = 100, test_balance: str = "imbalanced") -> Counts:
    """Those of the paper, for its ratio of 100 and its imbalanced test set."""
    return LongTail(imbalance, test_balance, seed=0).counts(classes=10, pool=5_000, test=1_000)
