"""Which class was taken for which: a confusion matrix, sparse, as short texts in a score record."""

import numpy as np


def count_confusions(predicted: np.ndarray, labels: np.ndarray, num_classes: int) -> list[str]:
    """Return a text for each of the K true classes: ``3:40 5:2``, predicted class and count above zero.

    ``predicted``, ``labels``: class indices (N,). A thousand classes take some 100 kB at most this way.
    """
    pairs, counts = np.unique(np.stack([labels, predicted]), axis=1, return_counts=True)
    rows: list[list[str]] = [[] for _ in range(num_classes)]
    for (true, guess), count in zip(pairs.T, counts, strict=True):
        rows[true].append(f"{guess}:{count}")
    return [" ".join(row) for row in rows]


def read_confusions(rows: list[str]) -> np.ndarray:
    """Return (M, 3) int64: true class, predicted class and count of every pair that occurs, in this order."""
    true = np.repeat(np.arange(len(rows)), [row.count(":") for row in rows])
    numbers = [int(number) for number in " ".join(rows).replace(":", " ").split()]
    return np.column_stack([true, np.array(numbers, np.int64).reshape(-1, 2)])
