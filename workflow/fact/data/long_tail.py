"""Long-tailed versions of balanced data sets: class sizes that fall exponentially.

K. Cao et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", NeurIPS 2019: class
c of C keeps ``int(n · ratio ** (-c / (C - 1)))`` of its n images, in label order, drawn at random. With the
n = 5,000 and 500 of CIFAR-10 and CIFAR-100 and a ratio of 100 these are 12,406 and 10,847 training images.
The test set is cut by the same rule when it is ``imbalanced`` (2,478 and 2,131 images), or whole when it is
``balanced``, as the literature on long tails has it; accuracies on the two cannot be compared.
"""

from collections.abc import Sequence

import numpy as np

from fact.data.manifest import Counts
from fact.infra.errors import ConfigError
from fact.seeds import derive_seed

TEST_BALANCES = ("imbalanced", "balanced")


class LongTail:
    """Which images of a balanced data set are kept.

    Within a class they are the first of a permutation seeded by the names ("long_tail", ``seed``, split,
    class), so that a smaller ratio keeps these images and more. Raises ConfigError for a ratio below 1 or an
    unknown balance.
    """

    def __init__(self, imbalance: float, test_balance: str, seed: int) -> None:
        if imbalance < 1:
            raise ConfigError(
                f"imbalance: {imbalance} is below 1; give the ratio of the largest class to the smallest, "
                "such as 100"
            )
        if test_balance not in TEST_BALANCES:
            raise ConfigError(f"test_balance: {test_balance!r} is not one of {list(TEST_BALANCES)}")
        self.imbalance, self.test_balance, self.seed = imbalance, test_balance, seed

    def keep(self, labels: Sequence[int], split: str) -> np.ndarray:
        """Return positions (int64, ascending) to keep of a split, whose ``labels`` are 0 to C - 1.

        Raises ConfigError when its classes are not of one size.
        """
        values = np.asarray(labels, dtype=np.int64)
        if split == "test" and self.test_balance == "balanced":
            return np.arange(len(values))
        sizes = _class_sizes(values, split)
        kept = long_tail_sizes(len(sizes), int(sizes[0]), self.imbalance)
        parts = [self._draw(values, split, label, size=size) for label, size in enumerate(kept)]
        return np.sort(np.concatenate(parts))

    def counts(self, classes: int, pool: int, test: int) -> Counts:
        """Return images that are left of a data set whose classes have ``pool`` and ``test`` images each."""
        left = sum(long_tail_sizes(classes, test, self.imbalance))
        return Counts(
            classes,
            sum(long_tail_sizes(classes, pool, self.imbalance)),
            classes * test if self.test_balance == "balanced" else left,
        )

    def _draw(self, labels: np.ndarray, split: str, label: int, size: int) -> np.ndarray:
        rng = np.random.default_rng(derive_seed("long_tail", self.seed, split, label))
        return rng.permutation(np.flatnonzero(labels == label))[:size]


def _class_sizes(labels: np.ndarray, split: str) -> np.ndarray:
    if not len(labels) or labels.min() < 0:
        raise ConfigError(f"{split}: a long tail is cut by label, and there are images without one, or none")
    sizes = np.bincount(labels)
    if len(set(sizes)) != 1:
        raise ConfigError(
            f"{split}: classes of {sizes.min()} to {sizes.max()} images; a long tail is cut from classes of "
            "one size; complete the copy, or leave out imbalance"
        )
    return sizes


def long_tail_sizes(classes: int, largest: int, imbalance: float) -> list[int]:
    """Return images of each class, in label order, rounded down as the authors' code does."""
    return [int(largest * (1 / imbalance) ** (label / max(1, classes - 1))) for label in range(classes)]
