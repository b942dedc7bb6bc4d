"""What the labels so far tell: a probe's suggestions, its accuracy, labels to look at again, what more bring.

The probe is logistic regression on frozen features, as in `LR-frozen`. It is a help while labelling and not
the model: phase 2 comes after, and its own card says how good that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from fact.model.assessment import Choice, Validated, choose_recipe, gains_of
from fact.model.estimate import estimate
from fact.model.label_errors import label_issues
from fact.seeds import derive_seed
from fact.training.heads.converged import fit_probe, read_settings
from fact.training.heads.folds import labelled_folds
from fact.training.heads.head import Head
from fact.training.heads.spec import HeadSpec

PROBE = {"transform": "l2sqrt", "C": "cv", "C_grid": [1.0, 10.0, 100.0, 1000.0], "folds": 5}
FIRST_C = 100.0
FOLDS, SEED = 5, 0
FEWEST = 10
"""Labels below which an accuracy would say nothing."""
ENOUGH = 20
"""Labels below which a probe knows too little to doubt one."""
MORE = 20
ALIKE = 0.95
"""Cosine of the features, the pool's mean taken off, from which on images look the same."""


@dataclass(frozen=True)
class Known:
    """Frozen features (n, D) of the images that are asked for, those of the pool (N, D), and groups (n,)."""

    features: NDArray[np.float32]
    pool: NDArray[np.float32]
    groups: NDArray[np.int64] | None = None


class Labels(NamedTuple):
    """Positions of labelled images, and the class of each."""

    rows: NDArray[np.int64]
    classes: NDArray[np.int64]
    names: Sequence[str]


def read_labels(labels: Mapping[int, str]) -> Labels:
    """Return labels by position as arrays, classes in the order of their names."""
    names = sorted(set(labels.values()))
    number = {name: index for index, name in enumerate(names)}
    classes = np.array([number[label] for label in labels.values()], np.int64)
    return Labels(np.array(list(labels), np.int64), classes, names)


def fit(known: Known, labels: Labels, settings: HeadSpec) -> tuple[Head, float]:
    """Return a probe on the labelled images, and its C."""
    head, _, report = fit_probe(
        torch.from_numpy(known.features[labels.rows]),
        torch.from_numpy(labels.classes),
        [str(row) for row in labels.rows],
        num_classes=len(labels.names),
        settings=settings,
        seed=SEED,
        groups=_groups_of(known, labels),
    )
    return head, report["details"]["chosen"]["C"]


def fixed(C: float) -> HeadSpec:
    """Return the probe at one C, which is fitted in a few hundredths of a second."""
    return read_settings({**PROBE, "C": C, "fallback_C": C})


def chosen_C(known: Known, labels: Labels) -> float:
    """Return the C of the lowest held-out loss."""
    return fit(known, labels, read_settings({**PROBE, "fallback_C": FIRST_C}))[1]


def suggestions(known: Known, labels: Labels, C: float, temperature: float) -> dict[int, tuple[str, float]]:
    """Return the likeliest class, and its probability, of every image without a label, by position."""
    head, _ = fit(known, labels, fixed(C))
    rows = np.setdiff1d(np.arange(len(known.features)), labels.rows)
    probabilities = _probabilities(head, known.features[rows], temperature)
    likeliest = probabilities.argmax(1)
    return {
        int(row): (labels.names[index], round(float(found[index]), 4))
        for row, index, found in zip(rows, likeliest, probabilities, strict=True)
    }


def validate(known: Known, labels: Labels, C: float) -> tuple[Validated, Choice]:
    """Return out-of-fold logits of the probe, and what they say of it; groups are held out whole."""
    groups = _groups_of(known, labels)
    fold = np.asarray(labelled_folds(labels.classes, FOLDS, derive_seed(SEED, "folds"), groups))
    logits = np.full((len(fold), len(labels.names)), np.nan, np.float32)
    for index in range(int(fold.max()) + 1):
        held_out = fold == index
        part = labels._replace(rows=labels.rows[~held_out], classes=labels.classes[~held_out])
        head, _ = fit(known, part, fixed(C))
        logits[held_out] = _logits(head, known.features[labels.rows[held_out]])
    validated = Validated({"probe": logits}, fold, labels.classes, classes=labels.names, groups=groups)
    return validated, choose_recipe(validated, SEED)


def accuracy(known: Known, labels: Labels, C: float, choice: Choice) -> dict[str, object] | None:
    """Return the probe's estimated accuracy on the pool with its interval; None for too few labels."""
    measured = choice.measured
    if measured.accuracy is None or measured.held_out < FEWEST:
        return None
    head, _ = fit(known, labels, fixed(C))
    found = estimate(measured, _probabilities(head, known.pool, choice.temperature))
    return {"accuracy": found.accuracy, "low": found.low, "high": found.high, "held_out": measured.held_out}


def look_again(labels: Labels, validated: Validated, choice: Choice) -> list[dict[str, object]]:
    """Return labels that the held-out predictions speak against, the least believable first."""
    if choice.measured.held_out < ENOUGH:
        return []
    issues = label_issues(choice.probabilities(validated), labels.classes)
    return [
        {"image": int(labels.rows[issue.row]), "suggested": labels.names[issue.suggested]} for issue in issues
    ]


def more_labels(
    known: Known, labels: Labels, C: float, validated: Validated, choice: Choice
) -> dict[str, object] | None:
    """Return what 20 more labels would bring, in points of accuracy; None where the curve cannot say."""
    if choice.measured.held_out < FEWEST:
        return None
    gains = gains_of(validated, choice, known.features[labels.rows], C, more=[MORE], seed=SEED)
    return gains[0]._asdict() if gains else None


def similar_order(known: Known) -> tuple[list[int], list[int]]:
    """Return an order (n,) in which each image is followed by the likest that is left, and numbers (n,) of
    images that look the same.
    """
    # what all images of the pool have in common would make any two of them alike
    own = known.features - known.pool.mean(axis=0)
    unit = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12)
    left, order, numbers = np.ones(len(unit), bool), [0], np.zeros(len(unit), np.int64)
    left[0] = False
    for _ in range(len(unit) - 1):
        likeness = np.where(left, unit @ unit[order[-1]], -np.inf)
        following = int(likeness.argmax())
        numbers[following] = numbers[order[-1]] + (likeness[following] < ALIKE)
        order.append(following)
        left[following] = False
    return order, numbers.tolist()


def _groups_of(known: Known, labels: Labels) -> NDArray[np.int64] | None:
    """Return numbers (m,) from 0 on of the labelled images' groups; None without any."""
    if known.groups is None:
        return None
    return np.unique(known.groups[labels.rows], return_inverse=True)[1]


def _logits(head: Head, features: NDArray[np.float32]) -> NDArray[np.float32]:
    with torch.inference_mode():
        return head.logits(torch.from_numpy(features), None).numpy()


def _probabilities(head: Head, features: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    logits = torch.from_numpy(_logits(head, features))
    return (logits / temperature).softmax(1).numpy()
