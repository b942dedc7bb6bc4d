"""What more labels would bring: the error of ever larger parts of the labelled set, and its continuation.

Heads are fitted on random parts of the labelled images' frozen features and scored on the rest. The error is
taken to fall as a power of the number of labels (Hestness et al., *Deep learning scaling is predictable,
empirically*, 2017), without a floor: far beyond the labels at hand that is too hopeful. The whole is done
again on bootstrap samples of the held-out images, which gives the interval. Tuned backbones are not
trained again: their error is taken to fall at the same rate. Images of a group are on one side, and are drawn
together.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from fact.seeds import derive_seed
from fact.training.heads.lbfgs import Limits
from fact.training.heads.linear import LinearHead, Samples
from fact.training.heads.logistic import logistic_path

CURVE_LIMITS = Limits(max_iterations=1000, tolerance=1e-5)

SHARES = (0.25, 0.35, 0.5, 0.65, 0.8)
REPEATS = 20
RESAMPLES = 500
FEWEST = 20  # labels, below which a part of a quarter has next to none
FEWEST_GROUPS = 5
LEVEL = 0.9


class Curve(NamedTuple):
    """``sizes (s,)`` of the parts, and ``errors (s, n)``: how often each image was wrong when held out.

    NaN where it never was held out. ``groups (n,)``: numbers from 0 on of what is drawn together.
    """

    sizes: np.ndarray
    errors: np.ndarray
    groups: np.ndarray


class Gain(NamedTuple):
    """Points of accuracy (0..1) that ``labels`` more would bring, and the interval's ends."""

    labels: int
    accuracy: float
    low: float
    high: float


def error_curve(
    features: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    C: float,
    seed: int,
    groups: np.ndarray | None = None,
) -> Curve | None:
    """Return the curve of logistic regression at ``C`` on ``features (n, D)``.

    ``groups (n,)``: numbers from 0 on of images that stay together; None: each stands alone. None for fewer
    than 20 labels, and for fewer than 5 groups.
    """
    count, number = len(labels), np.arange(len(labels)) if groups is None else groups
    if count < FEWEST or number.max() + 1 < FEWEST_GROUPS:
        return None
    sizes = np.unique([round(share * count) for share in SHARES])
    # large labelled sets are steady, and slow to fit
    repeats = max(4, min(REPEATS, 4000 // count))
    fit = partial(_head, features, labels, num_classes, C)
    measured = []
    for size in sizes:
        random = np.random.default_rng(derive_seed(seed, "curve", size))
        parts = [random_part(number, size, random) for _ in range(repeats)]
        wrong = [_wrong(fit(part), features, labels) for part in parts]
        measured.append((np.mean([part.sum() for part in parts]), _share_wrong(wrong, parts)))
    means, errors = zip(*measured, strict=True)
    return Curve(np.array(means), np.stack(errors), number)


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
    count = int(curve.groups.max()) + 1
    drawn = [np.ones(count), *(random.multinomial(count, np.full(count, 1 / count), RESAMPLES))]
    weights = [weight[curve.groups] for weight in drawn]
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


def random_part(groups: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return a random part of whole ``groups (n,)`` as a mask (n,): about ``size`` images, never all."""
    order = random.permutation(int(groups.max()) + 1)
    sizes = np.bincount(groups)[order].cumsum()
    count = int(np.abs(sizes[:-1] - size).argmin()) + 1
    return np.isin(groups, order[:count])


def _head(
    features: np.ndarray, labels: np.ndarray, num_classes: int, C: float, part: np.ndarray
) -> LinearHead:
    """Return logistic regression at ``C`` on the images of a mask."""
    samples = Samples(torch.from_numpy(features[part]), torch.from_numpy(labels[part]), num_classes)
    return logistic_path(samples, [C], limits=CURVE_LIMITS)[0].head


def _wrong(head: LinearHead, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return where (n,) the head is wrong."""
    return head.logits(torch.from_numpy(features)).argmax(1).numpy() != labels


def _share_wrong(wrong: Sequence[np.ndarray], trained: Sequence[np.ndarray]) -> np.ndarray:
    """Return how often each image (n,) was wrong among the repeats that held it out; NaN for none."""
    held_out = ~np.stack(trained)
    times = held_out.sum(0)
    sums = (np.stack(wrong) & held_out).sum(0)
    return np.divide(sums, times, out=np.full(len(times), np.nan), where=times > 0)
