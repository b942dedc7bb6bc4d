"""How good the model will be on images like the pool's, from out-of-fold predictions of all candidates.

Three things make a naive figure too good or too sure, and each is answered here:

- the best of several recipes looks better than it is. The recipe is chosen anew in every bootstrap sample
  of the labelled images, and scored on those outside of it (Tsamardinos et al., *Bootstrapping the
  out-of-sample predictions*, Machine Learning 2018): no model is trained again;
- folds share their training images, so that n held-out images say less than n independent ones. The variance
  is Nadeau and Bengio's (*Inference for the generalization error*, Machine Learning 2003), 1 + K / (K - 1)
  times the binomial one; the interval is Clopper and Pearson's for as many fewer images, which is wide
  where labels are few;
- the only image of a class cannot be held out. The lower end counts such images as wrong, the upper one as
  right. Their share is also Good and Turing's estimate of how much of the pool is of classes without any
  label (*The population frequencies of species*, Biometrika 1953), which the model cannot name: the lower
  end is less by it.

And one thing makes it another one: chosen images are not like the rest of the pool.

- A selection holds many images of some classes and few of others, and a model does best on those with many.
  So the estimate is a mean over classes of their held-out accuracies, each weighted by its share of the pool.
  The shares are estimated from the model's probabilities (Saerens et al., 2002,
  :mod:`fact.training.propagation.class_prior`), halfway to equal ones: alone they are too noisy.
- Within a class they may be harder than the rest, being unlike each other, or typical and easier; besides,
  models of a fold have (K - 1) / K of the labels. The delivered model's mean confidence on the pool differs
  from that of the folds' models on held-out images (Guillory et al., *Predicting with confidence on
  unseen distributions*, ICCV 2021; here in log-odds, which keeps a share a share). Half of the difference
  moves the estimate. Measured on two pools, half has a smaller error than all of it, and than none.

The interval reaches over all readings: each image counted once, each class by its share, and the latter
moved by the whole of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit

from fact.infra.fields import Settings
from fact.infra.needed import needed
from fact.training.propagation.class_prior import estimate_prior

LEVEL = 0.9
RESAMPLES = 1000
# how much of the difference of confidences moves the estimate
MOVED = 0.5


@dataclass(frozen=True)
class ClassMeasured:
    """What cross-validation measured of one class; None where none of its images was held out."""

    labels: int
    held_out: int
    accuracy: float | None
    confidence: float | None


@dataclass(frozen=True)
class Measured:
    """What cross-validation measured: ``held_out`` of ``labelled`` images in so many ``folds``.

    ``accuracy`` in 0..1, each image counted once; None where nothing was held out. ``classes``: in the order
    of the logits. ``groups``: how many groups of images were held out, None where images are taken to be
    independent; ``per_one``: how many images say as much as an independent one
    (:mod:`fact.model.design_effect`).
    """

    accuracy: float | None
    held_out: int
    labelled: int
    folds: int
    classes: Sequence[ClassMeasured] = ()
    groups: int | None = None
    per_one: float = 1.0


class Estimate(NamedTuple):
    """Accuracy and its interval at :data:`LEVEL`, in 0..1; accuracy is None where nothing is known.

    ``by_image``, ``by_class``: held-out accuracy where each image counts once, and where each class counts by
    its share of the pool. ``shift`` is how far the estimate lies from the latter; None where there is no pool
    to look at. ``shares``: by class, 0 where none of its images was held out.
    """

    accuracy: float | None
    low: float
    high: float
    by_image: float | None
    by_class: float | None
    shift: float | None
    shares: list[float]


def read_measured(record: Settings) -> Measured:
    """Return what :func:`dataclasses.asdict` made of it, read back from JSON."""
    return Measured(**{**record, "classes": tuple(ClassMeasured(**row) for row in record["classes"])})


def estimate(measured: Measured, pool: NDArray[np.floating] | None = None) -> Estimate:
    """Return the estimate for images like the pool's.

    ``pool (N, K)``: the delivered model's probabilities of the unlabelled images; None or N = 0 without any.
    """
    if measured.accuracy is None:
        return Estimate(None, 0.0, 1.0, by_image=None, by_class=None, shift=None, shares=[])
    shares = class_shares(measured.classes, pool)
    by_class = weighted(shares, [row.accuracy for row in measured.classes])
    half, whole, shift = by_class, by_class, None
    if pool is not None and len(pool):
        confidences = (
            weighted(shares, [row.confidence for row in measured.classes]),
            float(pool.max(1).mean()),
        )
        half, whole = (moved(by_class, *confidences, part) for part in (MOVED, 1.0))
        shift = half - by_class
    low, high = _interval_over(measured, shares, (by_class, whole))
    return Estimate(
        half, low, high, by_image=measured.accuracy, by_class=by_class, shift=shift, shares=shares.tolist()
    )


def _interval_over(
    measured: Measured, shares: NDArray[np.float64], by_class: Sequence[float]
) -> tuple[float, float]:
    """Return an interval that holds those of the accuracy by image and of the accuracies ``by_class``.

    Images that could not be held out are wrong at the lower end and right at the upper one.
    """
    images = effective_images(shares, [row.held_out for row in measured.classes])
    readings = [(accuracy, images) for accuracy in by_class]
    readings.append((needed(measured.accuracy, "accuracy"), measured.held_out))
    per_one = inflation(measured.folds) * measured.per_one
    ends = [interval(accuracy, count / per_one) for accuracy, count in readings]
    alone = 1 - measured.held_out / measured.labelled
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return low * (1 - alone) ** 2, high * (1 - alone) + alone


def class_shares(classes: Sequence[ClassMeasured], pool: NDArray[np.floating] | None) -> NDArray[np.float64]:
    """Return shares (K,) of the pool by class, 0 where none of its images was held out; they sum to 1.

    Equal ones without a pool. Else those under which its images are likeliest, with as many images as the
    pool has taken as seen before, equally of each class.
    """
    held_out = np.array([row.held_out > 0 for row in classes])
    shares = np.ones(len(classes))
    if pool is not None and len(pool):
        counts = np.array([row.labels for row in classes])
        own = (counts + 1) / (counts.sum() + len(classes))
        shares = estimate_prior((pool / own).astype(np.float32), len(pool) / len(classes))
    kept = np.where(held_out, shares, 0)
    return kept / kept.sum()


def weighted(shares: NDArray[np.float64], values: Sequence[float | None]) -> float:
    """Return the mean of the classes' values; those that are None have the share 0."""
    return float(sum(share * value for share, value in zip(shares, values, strict=True) if value is not None))


def effective_images(shares: NDArray[np.float64], held_out: Sequence[int]) -> float:
    """Return how many equally weighted images vary as much: Kish's, 1 over the sum of squared weights.

    Each image of a class weighs its class's share by their number.
    """
    pairs = zip(shares, held_out, strict=True)
    return float(1 / sum(share**2 / count for share, count in pairs if count))


def moved(accuracy: float, confidence: float, pool_confidence: float, part: float = 1.0) -> float:
    """Return the accuracy whose log-odds differ by ``part`` of what those of the confidences differ by.

    It stays between 0 and 1, and there where it is 0 or 1.
    """
    if not 0 < accuracy < 1:
        return accuracy
    # a confidence of 1 to the last digit has no log-odds
    sure, surest = np.clip([confidence, pool_confidence], 1e-6, 1 - 1e-6)
    return float(expit(logit(accuracy) + part * (logit(surest) - logit(sure))))


def nested_correct(
    losses: np.ndarray, correct: np.ndarray, seed: int, groups: NDArray[np.int64] | None = None
) -> np.ndarray:
    """Return how often (m,) each image is right under a recipe that was chosen without it.

    ``losses`` and ``correct`` are (recipes, m); the recipe of the lowest mean loss of a bootstrap sample is
    scored on the images outside of it. With one recipe nothing is chosen: what it has right. ``groups
    (m,)``: numbers from 0 on of groups that are drawn whole; None: every image is one.
    """
    recipes, images = losses.shape
    number = np.arange(images) if groups is None else groups
    count = int(number.max(initial=-1)) + 1
    if recipes == 1 or count < 2:
        return correct[losses.mean(1).argmin()].astype(float)
    random = np.random.default_rng(seed)
    drawn = random.multinomial(count, np.full(count, 1 / count), RESAMPLES)
    inside = drawn[:, number]  # (resamples, m)
    chosen = (inside @ losses.T).argmin(1)
    outside = inside == 0
    return (correct[chosen] * outside).sum(0) / outside.sum(0)


def inflation(folds: int) -> float:
    """Return the variance of a K-fold accuracy over that of as many independent images."""
    return 1 + folds / (folds - 1)


def interval(accuracy: float, images: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Clopper and Pearson's interval of a share measured on so many ``images``, not necessarily
    whole.
    """
    tail, right = (1 - level) / 2, accuracy * images
    low = 0.0 if accuracy == 0 else float(betaincinv(right, images - right + 1, tail))
    high = 1.0 if accuracy == 1 else float(betaincinv(right + 1, images - right, 1 - tail))
    return low, high
