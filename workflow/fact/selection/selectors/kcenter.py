"""K-Center greedy: the image farthest from all picks, again and again, so that no image is far from a pick.

Source: Sener & Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set Approach", ICLR 2018,
Algorithm 1 (there CoreSet; FDS, farthest distance sampling, in ActiveFT's tables). It is the greedy
2-approximation of Gonzalez (1985); the paper's mixed integer program, which improves on it, is left out.
"""

import numpy as np

from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.farthest import farthest_first
from fact.selection.algorithms.pool import unit_rows
from fact.selection.contract import Selection, check_request

DIAMETER = 2.0  # of the unit sphere: no two images are farther apart


def select(features: np.ndarray, budget: int, seed: int, *, labelled: np.ndarray | None = None) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); the score is the distance to the nearest earlier pick.

    Distances are Euclidean between L2-normalised features. The traversal starts from the ``labelled`` rows;
    without any, from a row drawn by ``seed``, whose score is 2, the diameter of the sphere. Rows equal to a
    pick follow last, lowest first, with score 0. Takes the pool's memory once more, as float32.
    Raises ConfigError for a budget, features or labelled rows that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    drawn = random_rows(len(features), 0 if len(labelled) else 1, seed, labelled=labelled)
    picks, squared = farthest_first(
        unit_rows(features), np.concatenate([labelled, drawn]), budget - len(drawn)
    )
    scores = np.concatenate([np.full(len(drawn), DIAMETER), np.sqrt(squared)])
    return Selection(np.concatenate([drawn, picks]), scores.astype(np.float32))
