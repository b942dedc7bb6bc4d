"""Metrics of classification: accuracy of predictions, by class, and which classes are confused."""

from collections.abc import Mapping, Sequence

import numpy as np

from fact.tasks.classification.confusion import confused_images, count_confusions


def top1(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows of ``logits (N, K)`` whose largest entry is at ``labels (N,)``, in 0..1."""
    return float((logits.argmax(1) == labels).mean())


def per_class_accuracy(logits: np.ndarray, labels: np.ndarray) -> list[float | None]:
    """Return the accuracy within each of the K classes; None for a class without test images."""
    correct = logits.argmax(1) == labels
    members = [labels == label for label in range(logits.shape[1])]
    return [float(correct[rows].mean()) if rows.any() else None for rows in members]


def classification_metrics(
    logits: np.ndarray, labels: np.ndarray, history: Sequence[Mapping[str, float]] = ()
) -> dict[str, object]:
    """Return the metrics of a score record, plain JSON types, of ``logits (N, K)`` and ``labels (N,)``.

    ``top1_last`` is the headline. ``top1_best_test`` is the paper's protocol, the best epoch of ``history``
    on the test images, an oracle: None unless more than one epoch was scored, as one leaves no choice.
    ``confusion`` counts, for each true class, what it was taken for; ``confused`` names test images behind
    the most frequent confusions by their rows (:mod:`fact.tasks.classification.confusion`).
    """
    evaluated = [entry["top1"] for entry in history if "top1" in entry]
    return {
        "top1_last": top1(logits, labels),
        "top1_best_test": max(evaluated) if len(evaluated) > 1 else None,
        "mean_class_accuracy": _mean_present(per_class_accuracy(logits, labels)),
        "per_class": per_class_accuracy(logits, labels),
        "confusion": count_confusions(logits.argmax(1), labels, logits.shape[1]),
        "confused": confused_images(logits.argmax(1), labels),
    }


def _mean_present(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))
