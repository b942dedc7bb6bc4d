"""What the labels and the pool's own structure say of each pool image, times what phase 2's head says.

Labels spread over a graph of the pool's refined vectors (:mod:`fact.training.propagation.graph`). The
product of both is that of two experts who look at the same image. The graph's part is raised to the power
under which it explains phase 2's probabilities best, so that a pool without structure changes nothing. No
label of the pool is read but those of the labelled images. Beyond the paper.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from fact.infra.errors import ConfigError
from fact.infra.fields import Settings, read_fields
from fact.training.propagation.class_prior import estimate_prior
from fact.training.propagation.graph import affinity, spread
from fact.training.propagation.neighbours import nearest_neighbours

CLASSES = (True, False, "estimated")
# below this share an image counts as not reached by a class, which phase 2 may still give it
LEAST = 1e-6
TINY = np.finfo(np.float32).tiny
MOST_POWER = 2.0


@dataclass(frozen=True)
class PropagationSpec:
    """How labels spread: config/propagations.yaml says what each means."""

    neighbours: int = 10
    alpha: float = 0.95
    temperature: float = 0.1
    equal_classes: bool | Literal["estimated"] = "estimated"
    pseudocount: float = 0.01
    power: float | Literal["estimated"] = "estimated"


class Propagation(NamedTuple):
    """``probabilities (N, K)`` float32 of every pool image, the ``prior (K,)`` used, and the graph's
    ``power``.
    """

    probabilities: NDArray[np.float32]
    prior: NDArray[np.float64]
    power: float


def read_propagation(settings: Settings) -> PropagationSpec:
    """Return the settings of plain JSON, checked. Raises ConfigError naming the key."""
    spec = read_fields(PropagationSpec, settings, "propagation")
    if spec.equal_classes not in CLASSES:
        raise ConfigError(
            f"propagation: equal_classes = {spec.equal_classes!r}; use true, false or estimated"
        )
    if not 0 < spec.alpha < 1:
        raise ConfigError(f"propagation: alpha = {spec.alpha}; use a number between 0 and 1, such as 0.95")
    if spec.power != "estimated" and not 0 <= spec.power <= MOST_POWER:
        raise ConfigError(f"propagation: power = {spec.power!r}; use estimated, or a number from 0 to 2")
    for key in ("neighbours", "temperature", "pseudocount"):
        if getattr(spec, key) <= 0:
            raise ConfigError(f"propagation: {key} = {getattr(spec, key)}; use a number above 0")
    return spec


def propagate(
    features: NDArray[np.floating],
    labelled: NDArray[np.int64],
    labels: NDArray[np.int64],
    predicted: NDArray[np.float32],
    spec: PropagationSpec,
) -> Propagation:
    """Return probabilities of every row of ``features (N, D)``, from labels and phase 2's ``predicted (N,
    K)``.

    ``labelled (B,)`` are rows and ``labels (B,)`` their classes, of which they are certain in the result.
    Classes without a label stay what phase 2 makes of them. Raises ArtifactError for features that are not
    finite.
    """
    rest = np.ones(len(features), dtype=bool)
    rest[labelled] = False
    num_classes = predicted.shape[1]
    equal = np.full(num_classes, 1 / num_classes)
    if not rest.any():
        return _certain(Propagation(np.zeros_like(predicted), equal, 0.0), labelled, labels)
    graph = affinity(nearest_neighbours(features, spec.neighbours), spec.temperature)
    reached = spread(graph, labelled, labels, num_classes, spec.alpha)
    if spec.equal_classes is not False:
        reached /= np.maximum(reached.sum(axis=0), TINY)
    logs = np.log(np.maximum(_shares(reached), LEAST))
    power = _power(logs[rest], predicted[rest]) if spec.power == "estimated" else spec.power
    joint = Propagation(np.exp(np.float32(power) * logs) * predicted, equal, power)
    if spec.equal_classes is not False:
        joint = _with_prior(joint, np.bincount(labels, minlength=num_classes), rest, spec)
    shares = joint.probabilities / joint.probabilities.sum(axis=1, keepdims=True)
    return _certain(joint._replace(probabilities=shares), labelled, labels)


def _with_prior(
    joint: Propagation, counts: NDArray[np.int64], rest: NDArray[np.bool_], spec: PropagationSpec
) -> Propagation:
    """Return the product with the classes' shares in the pool in place of those among the labels, ``counts
    (K,)``.

    What a pool without structure says of its classes is as little worth as what it says of its images: shares
    change by the graph's power, of the largest.
    """
    own = ((counts + 1) / (counts.sum() + len(counts))).astype(np.float32)
    prior = joint.prior
    if spec.equal_classes == "estimated":
        prior = estimate_prior(joint.probabilities[rest] / own, spec.pseudocount * rest.sum())
    change = (prior.astype(np.float32) / own) ** np.float32(joint.power / MOST_POWER)
    return Propagation(joint.probabilities * change, prior, joint.power)


def _power(logs: NDArray[np.float32], predicted: NDArray[np.float32]) -> float:
    """Return the power, 0 to 2, of the graph's shares under which phase 2's probabilities are likeliest.

    ``logs (M, K)``: logarithms of the shares. An image of class k, which it is with the graph's share,
    gives the probabilities ``predicted (M, K)`` with a likelihood in proportion to that of k. Shares that
    have nothing to do with them are best at power 0, where all are equal.
    """

    def loss(power: float) -> float:
        raised = np.float32(power) * logs
        shares = np.exp(raised - logsumexp(raised, axis=1, keepdims=True))
        return -float(np.log(np.maximum((shares * predicted).sum(axis=1), TINY)).mean())

    return float(minimize_scalar(loss, bounds=(0, MOST_POWER), method="bounded").x)


def _shares(reached: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each class's share of an image, equal ones where no label reaches it."""
    total = reached.sum(axis=1, keepdims=True)
    return np.where(total > TINY, reached / np.maximum(total, TINY), np.float32(1 / reached.shape[1]))


def _certain(result: Propagation, labelled: NDArray[np.int64], labels: NDArray[np.int64]) -> Propagation:
    """Return the result with the labelled images certain of their labels."""
    result.probabilities[labelled] = 0
    result.probabilities[labelled, labels] = 1
    return result
