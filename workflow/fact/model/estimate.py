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

And one thing makes it another one: chosen images are not like the rest of the pool. They may be harder, being
unlike each other, or typical and easier; besides, models of a fold have (K - 1) / K of the labels. The
delivered model's mean confidence on the unlabelled pool, against that of the folds' models on held-out
images, moves the estimate (Guillory et al., *Predicting with confidence on unseen distributions*, ICCV 2021;
here in log-odds, which keeps a share a share): no label of the pool is needed. The interval reaches over
both, with and without this shift.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import beta

from fact.infra.needed import needed

LEVEL = 0.9
RESAMPLES = 1000


class Measured(NamedTuple):
    """What cross-validation measured: ``held_out`` of ``labelled`` images in so many ``folds``.

    ``accuracy`` and ``confidence`` (mean largest probability) in 0..1; None where nothing was held out.
    """

    accuracy: float | None
    confidence: float | None
    held_out: int
    labelled: int
    folds: int


class Estimate(NamedTuple):
    """Accuracy and its interval at :data:`LEVEL`, in 0..1; accuracy is None where nothing is known.

    ``shift`` is how far it lies from what cross-validation measured; None where there is no pool to look at.
    """

    accuracy: float | None
    low: float
    high: float
    shift: float | None


def estimate(measured: Measured, pool_confidence: float | None) -> Estimate:
    """Return the estimate for images like the pool's.

    ``pool_confidence``: the delivered model's, None where there is no pool.
    """
    if measured.accuracy is None:
        return Estimate(None, 0.0, 1.0, shift=None)
    images = measured.held_out / inflation(measured.folds)
    alone = 1 - measured.held_out / measured.labelled
    shifted = measured.accuracy
    if pool_confidence is not None:
        confidence = needed(measured.confidence, "confidence of what was held out")
        shifted = moved(measured.accuracy, confidence, pool_confidence)
    ends = [interval(accuracy, images) for accuracy in (measured.accuracy, shifted)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    shift = None if pool_confidence is None else shifted - measured.accuracy
    return Estimate(shifted, low * (1 - alone) ** 2, high * (1 - alone) + alone, shift=shift)


def moved(accuracy: float, confidence: float, pool_confidence: float) -> float:
    """Return the accuracy whose log-odds differ as those of the confidences do; it stays between 0 and 1."""
    if accuracy in (0.0, 1.0):
        return accuracy
    return float(expit(logit(accuracy) + logit(pool_confidence) - logit(confidence)))


def nested_accuracy(losses: np.ndarray, correct: np.ndarray, seed: int) -> float:
    """Return accuracy of the recipe of the lowest mean loss, chosen and scored on different images.

    ``losses`` and ``correct`` are (recipes, m). With one recipe nothing is chosen: its mean.
    """
    recipes, count = losses.shape
    if recipes == 1 or count < 2:
        return float(correct[losses.mean(1).argmin()].mean())
    random = np.random.default_rng(seed)
    inside = random.multinomial(count, np.full(count, 1 / count), RESAMPLES)  # (resamples, m)
    chosen = (inside @ losses.T).argmin(1)
    outside = inside == 0
    drawn = outside.any(1)
    right = (correct[chosen] * outside).sum(1)[drawn] / outside.sum(1)[drawn]
    return float(right.mean())


def inflation(folds: int) -> float:
    """Return the variance of a K-fold accuracy over that of as many independent images."""
    return 1 + folds / (folds - 1)


def interval(accuracy: float, images: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Clopper and Pearson's interval of a share measured on so many ``images``, not necessarily
    whole.
    """
    tail, right = (1 - level) / 2, accuracy * images
    low = 0.0 if accuracy == 0 else float(beta.ppf(tail, right, images - right + 1))
    high = 1.0 if accuracy == 1 else float(beta.ppf(1 - tail, right + 1, images - right))
    return low, high
