"""Which class was taken for which: a confusion matrix, sparse, as short texts in a score record."""

import numpy as np

PAIRS = 300
"""So many pairs of classes have images in a score record, which stays small with a thousand classes."""
IMAGES = 6
"""Images of a pair."""


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


def confused_images(predicted: np.ndarray, labels: np.ndarray) -> list[str]:
    """Return which images are behind the most frequent confusions: texts ``3>5: 12 40``.

    True and predicted class, and the first :data:`IMAGES` rows of ``predicted`` and ``labels`` (N,) of such
    images; at most :data:`PAIRS` pairs of classes, the most frequent ones first.
    """
    rows: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(predicted != labels).tolist():
        rows.setdefault((int(labels[row]), int(predicted[row])), []).append(row)
    most = sorted(rows.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:PAIRS]
    return [f"{true}>{guess}: {' '.join(map(str, found[:IMAGES]))}" for (true, guess), found in most]


def read_confused(texts: list[str]) -> dict[tuple[int, int], list[int]]:
    """Return rows of test images by true and predicted class, from what :func:`confused_images` wrote."""
    found = {}
    for text in texts:
        pair, _, rows = text.partition(":")
        true, _, guess = pair.partition(">")
        found[int(true), int(guess)] = [int(row) for row in rows.split()]
    return found
