"""Choose among candidates by held-out loss, with the one-standard-error rule towards the simpler."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def choose(losses: ArrayLike, simplicity: Sequence[int]) -> int:
    """Return the index of the simplest candidate that is not clearly worse than the best.

    ``losses (candidates, samples)`` are held-out losses of the same samples, in nats for a log-loss;
    ``simplicity`` ranks the candidates, smaller is simpler. A candidate is kept when its mean loss lies
    within one standard error of the best one's (Breiman et al., *Classification and Regression
    Trees*, 3.4.3). The standard error is of the *paired* difference: candidates see the same samples,
    and what makes a sample hard for all of them says nothing about their order. Ties go to the simpler.
    Raises ValueError when shapes do not match or a loss is NaN.
    """
    table = np.asarray(losses, dtype=np.float64)
    if table.ndim != 2 or table.size == 0 or len(table) != len(simplicity) or np.isnan(table).any():
        raise ValueError(
            f"choose: losses of shape {table.shape} for {len(simplicity)} candidates; "
            "give one row of numbers for each candidate"
        )
    excess, error = paired_excess(table)
    kept = [index for index in range(len(table)) if excess[index] <= error[index]]
    return min(kept, key=lambda index: simplicity[index])


def paired_excess(losses: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean loss above the best candidate's and its standard error, each ``(candidates,)``.

    With a single sample the error is unknown and taken as 0.
    """
    difference = losses - losses[losses.mean(axis=1).argmin()]
    samples = losses.shape[1]
    spread = difference.std(axis=1, ddof=1) if samples > 1 else np.zeros(len(losses))
    return difference.mean(axis=1), spread / np.sqrt(samples)
