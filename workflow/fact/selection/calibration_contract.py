"""What every calibration promises: pool features, labelled rows and their labels in, pseudo-labels out.

A calibration is a module of this package with a function

    calibrate(features, labelled, labels, num_classes, seed, **params) -> PseudoLabels

where ``features`` is (N, D), ``labelled`` (B,) are rows of it and ``labels`` (B,) theirs, the only labels
seen.
"""

from typing import NamedTuple

import numpy as np


class PseudoLabels(NamedTuple):
    """Pool rows with a label that they did not get from a person, in the order in which they were found."""

    indices: np.ndarray  # (M,) int64, distinct, none of them labelled
    labels: np.ndarray  # (M,) int64
    sources: np.ndarray  # (M,) int64, the labelled pool row whose label each took
