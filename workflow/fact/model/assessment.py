"""Assess candidate recipes by cross-validation: the choice, its accuracy, label issues, more labels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from fact.model.candidate_name import without_pool
from fact.model.design_effect import design_effect
from fact.model.estimate import ClassMeasured, Measured, inflation, nested_correct
from fact.model.label_errors import LabelIssue, label_issues
from fact.model.learning_curve import Gain, error_curve, expected_gains
from fact.model.temperature import fit_temperature, log_losses
from fact.model.trust import warnings
from fact.seeds import derive_seed
from fact.training.heads.converged import fit_probe, read_settings

# the learning curve's head: logistic regression on frozen features, C by cross-validation
CURVE_PROBE = {"C": "cv", "C_grid": [0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0], "folds": 5, "fallback_C": 100.0}
# as many more labels as there are, and twice as many
MORE = (1, 2)


@dataclass(frozen=True)
class Validated:
    """Out-of-fold logits (n, K) by recipe and kind of head, the simplest first, and what they are logits
    of.
    """

    logits: Mapping[str, np.ndarray]
    fold: np.ndarray
    labels: np.ndarray
    classes: Sequence[str]
    # why recipes were not tried
    skipped: Mapping[str, str] = field(default_factory=dict)
    # numbers (n,) from 0 on of images that belong together; None: each stands alone
    groups: NDArray[np.int64] | None = None

    @property
    def held_out(self) -> np.ndarray:
        """Mask (n,) of the images that could be held out."""
        return self.fold >= 0

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1

    @property
    def held_out_groups(self) -> NDArray[np.int64] | None:
        """Numbers (m,) from 0 on of the held-out images' groups; None where each stands alone."""
        return None if self.groups is None else np.unique(self.groups[self.held_out], return_inverse=True)[1]


@dataclass(frozen=True)
class Choice:
    """The recipe of the lowest calibrated log-loss on held-out images, its temperature, and all scores."""

    recipe: str
    temperature: float
    measured: Measured
    scores: dict[str, dict[str, float]]

    def probabilities(self, validated: Validated) -> np.ndarray:
        """Return calibrated out-of-fold probabilities (n, K), NaN where an image could not be held out."""
        return softmax(validated.logits[self.recipe].astype(np.float64) / self.temperature, axis=1)


def assess(validated: Validated, frozen: np.ndarray, seed: int) -> tuple[dict, list[LabelIssue]]:
    """Return the record of all that is known from the labelled images, plain JSON types, and label issues.

    ``frozen (n, D)``: their frozen features, for the learning curve.
    """
    choice = choose_recipe(validated, derive_seed(seed, "resamples"))
    probabilities = choice.probabilities(validated)
    gains = label_gains(validated, choice, frozen, seed=seed)
    per_class = class_rows(validated, choice)
    recipe, pool = without_pool(choice.recipe)
    record = {
        "recipe": recipe,
        "pool": pool,
        "skipped": dict(validated.skipped),
        "recipes": choice.scores,
        "temperature": choice.temperature,
        "measured": asdict(choice.measured),
        "mean_class_accuracy": _mean([row["accuracy"] for row in per_class]),
        "classes": per_class,
        "gains": [gain._asdict() for gain in gains],
        "cautions": warnings([row["labels"] for row in per_class], validated.classes, choice.measured),
    }
    return record, label_issues(probabilities, validated.labels)


def choose_recipe(validated: Validated, seed: int) -> Choice:
    """Return the choice; without a held-out image the first recipe, at temperature 1, and nothing
    measured.
    """
    rows = validated.held_out
    labels, names = validated.labels[rows], list(validated.logits)
    if not len(labels):
        return Choice(names[0], 1.0, Measured(None, 0, len(rows), folds=0), scores={})
    held_out = [validated.logits[name][rows] for name in names]
    temperatures = [fit_temperature(logits, labels) for logits in held_out]
    pairs = list(zip(held_out, temperatures, strict=True))
    losses = np.stack([log_losses(logits, labels, temperature) for logits, temperature in pairs])
    correct = np.stack([(logits.argmax(1) == labels).astype(float) for logits in held_out])
    best = int(losses.mean(1).argmin())
    groups = validated.held_out_groups
    right = nested_correct(losses, correct, seed, groups)
    confidence = softmax(held_out[best] / temperatures[best], axis=1).max(1)
    measured = Measured(
        float(right.mean()),
        len(labels),
        len(rows),
        folds=validated.folds,
        classes=_by_class(validated, right, confidence),
        groups=None if groups is None else int(groups.max()) + 1,
        per_one=1.0 if groups is None else design_effect(right, groups),
    )
    scores = {
        name: {
            "log_loss": float(losses[row].mean()),
            "log_loss_uncalibrated": float(log_losses(held_out[row], labels, 1.0).mean()),
            "accuracy": float(correct[row].mean()),
            "temperature": temperatures[row],
        }
        for row, name in enumerate(names)
    }
    return Choice(names[best], temperatures[best], measured, scores=scores)


def _by_class(validated: Validated, right: np.ndarray, confidence: np.ndarray) -> list[ClassMeasured]:
    """Return what was measured of each class; ``right`` and ``confidence`` are of the held-out images."""
    labels = validated.labels[validated.held_out]
    rows = []
    for index in range(len(validated.classes)):
        members = labels == index
        means = [float(values[members].mean()) if members.any() else None for values in (right, confidence)]
        rows.append(ClassMeasured(int((validated.labels == index).sum()), int(members.sum()), *means))
    return rows


def label_gains(validated: Validated, choice: Choice, frozen: np.ndarray, seed: int) -> list[Gain]:
    """Return what as many labels again, and twice as many, would bring; none where the curve cannot say."""
    measured = choice.measured
    if measured.accuracy is None:
        return []
    count, num_classes = measured.labelled, len(validated.classes)
    ids = [str(row) for row in range(count)]
    features, labels = torch.from_numpy(frozen), torch.from_numpy(validated.labels)
    _, _, report = fit_probe(
        features,
        labels,
        ids,
        num_classes=num_classes,
        settings=read_settings(CURVE_PROBE),
        seed=seed,
        groups=validated.groups,
    )
    more = [count * times for times in MORE]
    return gains_of(validated, choice, frozen, report["details"]["chosen"]["C"], more=more, seed=seed)


def gains_of(
    validated: Validated, choice: Choice, frozen: np.ndarray, C: float, *, more: Sequence[int], seed: int
) -> list[Gain]:
    """Return what so many ``more`` labels would bring, by a curve of heads at ``C`` on ``frozen (n, D)``."""
    measured, num_classes = choice.measured, len(validated.classes)
    if measured.accuracy is None:
        return []
    count = measured.labelled
    curve = error_curve(frozen, validated.labels, num_classes, C=C, seed=seed, groups=validated.groups)
    trained_on = count * (1 - 1 / measured.folds)
    images = measured.held_out / inflation(measured.folds) / measured.per_one
    return expected_gains(
        curve, 1 - measured.accuracy, images, trained_on=trained_on, now=count, more=more, seed=seed
    )


def class_rows(validated: Validated, choice: Choice) -> list[dict]:
    """Return each class's name, number of labels, and accuracy on its held-out images (None without)."""
    right = validated.logits[choice.recipe].argmax(1) == validated.labels
    rows = []
    for index, name in enumerate(validated.classes):
        members = validated.labels == index
        measured = members & validated.held_out
        accuracy = float(right[measured].mean()) if measured.any() else None
        rows.append({"name": name, "labels": int(members.sum()), "accuracy": accuracy})
    return rows


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
