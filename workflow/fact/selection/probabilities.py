"""A model's probabilities for a pool, made block by block, so that no (N, K) array ever stands in memory."""

from collections.abc import Callable

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.training.heads.head import Head

# probabilities that are made at once: 64 MB in float32, and a few times as much in what is computed of them
BLOCK_ELEMENTS = 2**24


class Probabilities:
    """The probabilities (N, K) of a model for the pool, of which a few rows are looked at at a time."""

    def __init__(self, images: int, classes: int, of_rows: Callable[[np.ndarray], np.ndarray]) -> None:
        """``of_rows``: from pool rows (n,) to their probabilities (n, K)."""
        self.images = images
        self.classes = classes
        self._of_rows = of_rows

    @classmethod
    def of_array(cls, array: np.ndarray) -> "Probabilities":
        """Return those of a pool so small that they stand in an array (N, K)."""
        return cls(len(array), array.shape[1], lambda rows: array[rows])

    @property
    def block(self) -> int:
        """How many rows are looked at at once."""
        return max(1, BLOCK_ELEMENTS // self.classes)

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities (n, K) of the pool rows ``rows`` (n,).

        Raises ConfigError for what are no probabilities.
        """
        values = self._of_rows(rows)
        if not np.allclose(values.sum(axis=1), 1, atol=1e-3):
            raise ConfigError(
                f"probabilities {(self.images, self.classes)} of {self.images} images do not add up to 1; "
                "delete the probe and run again"
            )
        return values

    def whole(self) -> np.ndarray:
        """Return all of them, (N, K): where a pool and its classes are few enough to be held."""
        return self.per_image(lambda block, _: block)

    def per_image(
        self, measure: Callable[[np.ndarray, np.ndarray], np.ndarray], rows: np.ndarray | None = None
    ) -> np.ndarray:
        """Return a number for each of ``rows`` (None: the pool), (n,): what ``measure`` makes of blocks.

        It is given the probabilities (m, K) of some rows, and these rows (m,), and returns (m,), or (m, …).
        """
        rows = np.arange(self.images) if rows is None else rows
        blocks = (rows[start : start + self.block] for start in range(0, len(rows), self.block))
        return np.concatenate([measure(self.of_rows(part), part) for part in blocks])


def of_head(head: Head, features: np.ndarray, device: torch.device | None = None) -> Probabilities:
    """Return a ``head``'s probabilities for ``features`` (N, D), computed on ``device`` (None: the CPU)."""
    placed = Head({name: tensor.to(device or "cpu") for name, tensor in head.tensors.items()})

    def of_rows(rows: np.ndarray) -> np.ndarray:
        return placed.logits(torch.from_numpy(features[rows])).softmax(1).cpu().numpy()

    return Probabilities(len(features), head.num_classes, of_rows)
