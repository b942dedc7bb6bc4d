"""How many images count for one, where images of a group are right or wrong together."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from fact.model.estimate import LEVEL


def design_effect(right: ArrayLike, groups: ArrayLike) -> float:
    """Return the number of images (1 or more) that say as much as one independent image.

    ``right (m,)``: how often each image is right, in 0..1; ``groups (m,)``: integers. The variance of their
    mean is that of a cluster sample (Cochran, *Sampling Techniques*, 1977, 9A.1), and few groups cost degrees
    of freedom: Korn and Graubard's effective sample size (*Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data*, Survey Methodology 1998). Where all are
    right or all are wrong there is no variance to see, and a group counts as one image.
    """
    values, (_, number) = np.asarray(right, float), np.unique(np.asarray(groups), return_inverse=True)
    count, sizes = len(values), np.bincount(number)
    if count < 2 or len(sizes) == count:
        return 1.0
    if len(sizes) < 2:
        return float(count)
    mean = values.mean()
    independent, clustered = mean * (1 - mean) / count, _clustered_variance(values - mean, number)
    if independent == 0 or clustered == 0:
        return count / kish(sizes)
    lost = _quantile(len(sizes) - 1) / _quantile(count - 1)
    return float(np.clip(clustered / independent * lost**2, 1.0, count))


def kish(sizes: ArrayLike) -> float:
    """Return how many equal groups vary as much as groups of these sizes (Kish, 1965)."""
    numbers = np.asarray(sizes, float)
    return float(numbers.sum() ** 2 / (numbers**2).sum())


def _clustered_variance(residuals: NDArray[np.float64], number: NDArray[np.int64]) -> float:
    sums = np.bincount(number, residuals)
    groups = len(sums)
    return float(groups / (groups - 1) * (sums**2).sum() / len(residuals) ** 2)


def _quantile(freedom: int) -> float:
    return float(stdtrit(freedom, (1 + LEVEL) / 2))
