"""Shares of the classes in a pool, estimated from probabilities of its images.

Saerens, Latinne, Decaestecker, "Adjusting the Outputs of a Classifier to New a Priori Probabilities",
Neural Computation 14, 2002: expectation-maximisation, here with a Dirichlet prior, for few labels leave the
estimate loose.
"""

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 200
TOLERANCE = 1e-6


def estimate_prior(likelihoods: NDArray[np.float32], pseudocount: float) -> NDArray[np.float64]:
    """Return shares (K,) under which images of ``likelihoods (N, K)``, up to a factor per image, are
    likeliest.

    ``pseudocount``: images of each class that are taken as seen before, of N. Classes whose likelihood is 0
    everywhere get 0.
    """
    possible = likelihoods.max(axis=0) > 0
    prior = possible / possible.sum()
    for _ in range(MOST_ROUNDS):
        before, joint = prior, likelihoods * prior.astype(np.float32)
        counts = (joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-30)).sum(axis=0, dtype=np.float64)
        prior = np.where(possible, counts + pseudocount, 0)
        prior = prior / prior.sum()
        if np.abs(prior - before).max() < TOLERANCE:
            break
    return prior
