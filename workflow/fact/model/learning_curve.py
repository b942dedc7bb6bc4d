"""What more labels would bring: the error of ever larger parts of the labelled set, and its continuation.

Heads are fitted on random parts of the labelled images' frozen features and scored on the rest. The error is
taken to fall as a power of the number of labels (Hestness et al., *Deep learning scaling is predictable,
empirically*, 2017), without a floor: far beyond the labels at hand that is too hopeful. The whole is done
again on bootstrap samples of the held-out images, which gives the interval. Tuned backbones are not
trained again: their error is taken to fall at the same rate.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from fact.seeds import derive_seed
from fact.training.heads.lbfgs import Limits
from fact.training.heads.linear import Samples
from fact.training.heads.logistic import logistic_path

CURVE_LIMITS = Limits(max_iterations=1000, tolerance=1e-5)

SHARES = (0.25, 0.35, 0.5, 0.65, 0.8)
REPEATS = 20
RESAMPLES = 500
FEWEST = 20  # labels, below which a part of a quarter has next to none
LEVEL = 0.9


class Curve(NamedTuple):
    """``sizes (s,)`` of the parts, and ``errors (s, n)``: how often each image was wrong when held out.

    NaN where it never was held out.
    """

    sizes: np.ndarray
    errors: np.ndarray


class Gain(NamedTuple):
    """Points of accuracy (0..1) that ``labels`` more would bring, and the interval's ends."""

    labels: int
    accuracy: float
    low: float
    high: float


def error_curve(
    features: np.ndarray, labels: np.ndarray, num_classes: int, C: float, seed: int
) -> Curve | None:
    """Return the curve of logistic regression at ``C`` on ``features (n, D)``.

    None for fewer than 20 labels.
    """
    count = len(labels)
    if count < FEWEST:
        return None
    sizes = np.unique([round(share * count) for share in SHARES])
    # large labelled sets are steady, and slow to fit
    repeats = max(4, min(REPEATS, 4000 // count))
    rows = [
        _held_out_errors(
            features,
            labels,
            num_classes,
            C=C,
            size=size,
            repeats=repeats,
            seed=derive_seed(seed, "curve", size),
        )
        for size in sizes
    ]
    return Curve(sizes, np.stack(rows))


def expected_gains(
    curve: Curve | None,
    error: float,
    images: float,
    trained_on: float,
    now: int,
    more: Sequence[int],
    seed: int,
) -> list[Gain]:
    """Return gains over ``now`` labels of so many ``more``; none where the curve cannot say.

    ``error``: the model's own, measured on as many as ``images`` independent ones by models of ``trained_on``
    labels; the curve's rate brings it to ``now``. Its uncertainty is that of Jeffreys' posterior.
    """
    if curve is None or error == 0:
        return []
    random = np.random.default_rng(seed)
    count = curve.errors.shape[1]
    weights = [np.ones(count), *(random.multinomial(count, np.full(count, 1 / count), RESAMPLES))]
    rates = np.array([rate for weight in weights if (rate := _rate(curve, weight)) is not None])
    if len(rates) < RESAMPLES / 2:
        return []
    draws = random.beta(error * images + 0.5, (1 - error) * images + 0.5, len(rates) - 1)
    errors = np.array([error, *draws]) * (now / trained_on) ** -rates
    return [_gain(errors, rates, now, labels=labels) for labels in more]


def _gain(errors: np.ndarray, rates: np.ndarray, now: int, labels: int) -> Gain:
    gains = errors * (1 - ((now + labels) / now) ** -rates)
    low, high = np.quantile(gains[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Gain(labels, float(gains[0]), float(low), high=float(high))


def _rate(curve: Curve, weights: np.ndarray) -> float | None:
    """Return the power b of error ~ labels^-b on weighted images.

    None where an error is 0 or was not measured.
    """
    measured = ~np.isnan(curve.errors)
    sums = measured @ weights
    if (sums == 0).any():
        return None
    errors = np.nansum(curve.errors * weights, axis=1) / sums
    if (errors <= 0).any():
        return None
    return float(-np.polyfit(np.log(curve.sizes), np.log(errors), 1)[0])


def _held_out_errors(
    features: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    C: float,
    size: int,
    repeats: int,
    seed: int,
) -> np.ndarray:
    """Return how often each image (n,) was wrong among the repeats that held it out."""
    random = np.random.default_rng(seed)
    wrong, times = np.zeros(len(labels)), np.zeros(len(labels))
    for _ in range(repeats):
        train = np.zeros(len(labels), bool)
        train[random.permutation(len(labels))[:size]] = True
        part = Samples(torch.from_numpy(features[train]), torch.from_numpy(labels[train]), num_classes)
        head = logistic_path(part, [C], limits=CURVE_LIMITS)[0].head
        predicted = head.logits(torch.from_numpy(features[~train])).argmax(1).numpy()
        wrong[~train] += predicted != labels[~train]
        times[~train] += 1
    return np.divide(wrong, times, out=np.full(len(labels), np.nan), where=times > 0)
