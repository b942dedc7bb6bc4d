"""A model's accuracy on test images."""

import numpy as np

from fact.model.estimate import interval


def score_of(probabilities: np.ndarray, labels: np.ndarray) -> dict:
    """Return ``accuracy`` with its interval, log-loss and number of images; accuracy is None without images.

    Test images are independent of the training, so that the interval is the binomial one.
    """
    if len(labels) == 0:
        return {"images": 0, "accuracy": None}
    accuracy = float((probabilities.argmax(1) == labels).mean())
    low, high = interval(accuracy, len(labels))
    likelihood = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    log_loss = -float(np.log(np.maximum(likelihood, 1e-12)).mean())
    return {"images": len(labels), "accuracy": accuracy, "low": low, "high": high, "log_loss": log_loss}
