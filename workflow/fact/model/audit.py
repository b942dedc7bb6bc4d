"""An audit: images drawn at random from the unlabelled pool, whose labels measure a model.

Chosen images are not like the pool's, so that cross-validation on them says little about how good a model is
there. Images drawn at random are like the pool's, and nothing else is assumed. They are drawn in equal shares
from thirds of the pool by the model's confidence: proportional allocation, of which the variance is never
above that of a plain draw but for rounding (Cochran, *Sampling Techniques*, 1977, 5.6). The interval is
Clopper and Pearson's of the plain draw, which it therefore does not fall short of. Where images belong to
groups, those count that are of a group without a label that is learnt from, and the interval is that of as
many images as they are worth (:mod:`fact.model.design_effect`).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fact.infra.fields import Settings
from fact.model.apart import Grouped
from fact.model.design_effect import design_effect
from fact.model.estimate import LEVEL, interval

STRATA = 3
NO_AUDIT = {"asked": 0, "labelled": 0, "accuracy": None}


class Stratum(NamedTuple):
    """A part of the pool, ``images`` in number, and the ids that were drawn from it.

    The number is an estimate where images have left the pool since.
    """

    images: float
    sample_ids: list[str]


def draw_strata(sample_ids: Sequence[str], confidences: np.ndarray, count: int, seed: int) -> list[Stratum]:
    """Return ``count`` images drawn at random from thirds of the pool by ``confidences (N,)``.

    Each third gives its share. The same arguments draw the same images. ``count`` is at most N.
    """
    random = np.random.default_rng(seed)
    parts = np.array_split(np.argsort(confidences, kind="stable"), min(STRATA, count))
    ends = np.rint(count * np.cumsum([len(part) for part in parts]) / len(sample_ids)).astype(int)
    shares = np.diff(ends, prepend=0)
    drawn = [random.choice(part, share, replace=False) for part, share in zip(parts, shares, strict=True)]
    return [
        Stratum(len(part), [sample_ids[row] for row in rows]) for part, rows in zip(parts, drawn, strict=True)
    ]


def still_there(strata: Sequence[Stratum], names: Container[str]) -> list[Stratum]:
    """Return the strata without drawn images that are not among ``names``, which have left the pool.

    What is left of a random draw is a random draw of what is left of the pool. Of that, each stratum holds
    about the share that its drawn images tell.
    """
    kept = [[name for name in part.sample_ids if name in names] for part in strata]
    return [
        Stratum(part.images * len(left) / len(part.sample_ids), left)
        for part, left in zip(strata, kept, strict=True)
        if left
    ]


def stratified_accuracy(strata: Sequence[Stratum], right: Mapping[str, bool]) -> float:
    """Return the mean over strata, weighted by their images, of the share of their drawn images that is
    right.

    ``right``: by id, of images that have a label. Strata without one are left out.
    """
    answers = [[right[name] for name in part.sample_ids if name in right] for part in strata]
    known = [(part.images, np.mean(found)) for part, found in zip(strata, answers, strict=True) if found]
    images, shares = zip(*known, strict=True)
    return float(np.average(shares, weights=images))


def audited(
    strata: Sequence[Stratum],
    labels: Mapping[str, str],
    predicted: Mapping[str, str],
    classes: Sequence[str],
    *,
    ignore_missing: bool,
    grouped: Grouped | None = None,
) -> dict:
    """Return the record of an audit: how many images were asked for and labelled, accuracy and interval.

    ``labels`` and ``predicted``: class names by id; ``predicted`` has every unlabelled image of the pool.
    Images that have left it since they were drawn are not asked for, and ``gone`` counts them. Accuracy is
    None where no image is labelled, and where some are not, unless ``ignore_missing`` says that they lack a
    label for no reason of their own. An image of a class that the model does not have (``classes``) counts
    as wrong; ``unknown`` counts these. ``learnt_groups`` counts images that do not count, since their group
    has labels that are learnt from.
    """
    drawn, strata = sum(len(part.sample_ids) for part in strata), still_there(strata, predicted)
    there = sum(len(part.sample_ids) for part in strata)
    if grouped:
        strata = still_there(strata, [name for name in grouped.of if grouped.apart(name)])
    asked = [name for part in strata for name in part.sample_ids]
    right = {name: labels[name] == predicted[name] for name in asked if name in labels}
    unknown = sorted({labels[name] for name in right} - set(classes))
    record = {
        "asked": len(asked),
        "gone": drawn - there,
        "learnt_groups": there - len(asked),
        "labelled": len(right),
        "ignore_missing": ignore_missing,
        "unknown_classes": unknown,
        "unknown": sum(labels[name] in unknown for name in right),
    }
    if not right or (len(right) < len(asked) and not ignore_missing):
        return {**record, "accuracy": None}
    accuracy, share = stratified_accuracy(strata, right), sum(right.values()) / len(right)
    per_one = design_effect(list(right.values()), _numbers(right, grouped)) if grouped else 1.0
    low, high = interval(share, len(right) / per_one)
    ends = {"low": min(low, accuracy), "high": max(high, accuracy), "level": LEVEL}
    return {**record, "accuracy": accuracy, "right": sum(right.values()), **ends}


def _numbers(names: Iterable[str], grouped: Grouped) -> np.ndarray:
    """Return the number of each image's group."""
    return np.unique([grouped.of[name] for name in names], return_inverse=True)[1]


def with_audit(estimate: Settings, audit: Settings) -> dict:
    """Return the estimate with the audit's accuracy and interval, where there is one.

    ``source`` says whence they are: ``audit`` or ``cross-validation``; what the latter says is kept.
    """
    if audit["accuracy"] is None:
        return {**estimate, "source": "cross-validation", "audit": dict(audit)}
    own = {key: estimate[key] for key in ("accuracy", "low", "high")}
    ends = {key: audit[key] for key in ("accuracy", "low", "high", "level")}
    return {**estimate, **ends, "source": "audit", "audit": dict(audit), "cross_validated": own}
