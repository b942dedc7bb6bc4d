"""ActiveDC: pseudo-labels by distribution calibration (CVPR 2024), as its released code computes them.

The distribution of a class is that of the pool's cluster which holds most of its labelled images, drawn
towards those images; virtual features are drawn from it, and the pool image nearest to each gets the label.
No true label of an image that was not labelled is used: the released ``--uncertainty`` has no counterpart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import torch_device, unit_rows
from fact.selection.algorithms.transport import TransportFilter
from fact.selection.algorithms.virtual_features import NewImages
from fact.selection.calibration_contract import PseudoLabels

BLOCK = 100_000  # rows that are transformed at once


class ClassModel(NamedTuple):
    """A normal distribution of a class's features: mean (D,) and factor (D, D), A Aᵀ its covariance."""

    mean: np.ndarray
    factor: np.ndarray


@dataclass(frozen=True)
class Parameters:
    """Per label ``draws`` virtual features (None: 2 below 50 labels per class, else 1) are drawn.

    They are drawn until a new image is found, in ``max_redraws`` rounds at most; then this label finds none.
    ``alpha`` moves a class from its cluster to its labelled images as the budget grows:
    β = 1 - exp(-alpha · budget in %). ``xi`` widens the covariance: added to every entry (``scalar_all``, as
    released) or to the diagonal (``identity``). ``transport_filter``: take an image only where labelled and
    pseudo-labelled images then lie no further from the pool (step 4 of the paper, which the released code
    leaves out). K-Means takes the best of ``restarts``, of ``iterations`` at most, on ``sample`` random
    images per class (None: all). 10, 300 and 256 are what the released code has: it gives faiss the first
    two, and the third is faiss's default. ``device`` is auto, cpu or cuda.
    """

    alpha: float
    xi: float = 0.2
    xi_mode: str = "scalar_all"
    power: float = 0.5
    draws: int | None = None
    restarts: int = 10
    iterations: int = 300
    sample: int | None = 256
    max_redraws: int = 100
    transport_filter: bool = False
    device: str = "auto"

    def check(self) -> None:
        """Raise ConfigError for parameters that make no sense."""
        if self.xi_mode not in ("scalar_all", "identity"):
            raise ConfigError(f"activedc: xi_mode '{self.xi_mode}' is unknown; write scalar_all or identity")
        if self.alpha < 0 or self.xi < 0 or self.power <= 0 or self.max_redraws < 1:
            raise ConfigError(
                f"activedc: alpha {self.alpha}, xi {self.xi}, power {self.power} or max_redraws "
                f"{self.max_redraws} is out of range; alpha and xi are at least 0, power above 0, "
                "max_redraws at least 1"
            )


def calibrate(
    features: np.ndarray,
    labelled: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    seed: int,
    **params: Any,
) -> PseudoLabels:
    """Return pseudo-labels for images of the pool ``features`` (N, D).

    ``labelled`` are rows of the pool and ``labels`` (B,) theirs. ``params``: :class:`Parameters`.
    Raises ConfigError for parameters that make no sense.
    """
    own = Parameters(**params)
    own.check()
    pool = transformed(features, own.power)
    points = torch.from_numpy(pool).to(torch_device(own.device))
    owner = cluster(
        points,
        min(num_classes, len(pool)),
        seed,
        iterations=own.iterations,
        restarts=own.restarts,
        sample=own.sample,
    ).owner
    beta = 1 - np.exp(-own.alpha * 100 * len(labelled) / len(pool))
    models = dict(
        class_models(pool, owner, labelled, labels=labels, beta=beta, xi=own.xi, xi_mode=own.xi_mode)
    )
    few = 2 if len(labelled) / num_classes < 50 else 1
    accepts = TransportFilter(pool, labelled, seed).accepts if own.transport_filter else lambda row: True
    draw = VirtualDraws(models, labels.tolist(), size=own.draws or few, seed=seed).draw
    taken, result = set(labelled.tolist()), []
    new_images = NewImages(points, draw, len(labels), own.max_redraws).found(taken)
    for row, label, new in zip(labelled.tolist(), labels.tolist(), new_images, strict=True):
        kept = [index for index in new if accepts(index)]
        taken.update(kept)
        result += [(index, label, row) for index in kept]
    return PseudoLabels(*np.array(result, np.int64).reshape(-1, 3).T)


def transformed(features: np.ndarray, power: float) -> np.ndarray:
    """Return ``features`` (N, D) as unit rows under Tukey's transform, float32 in new memory, by blocks."""
    pool = np.empty(features.shape, np.float32)
    for start in range(0, len(features), BLOCK):
        pool[start : start + BLOCK] = tukey(unit_rows(features[start : start + BLOCK]), power)
    return pool


def tukey(features: np.ndarray, power: float) -> np.ndarray:
    """Return sign(x) · |x|^power, which makes skewed features more like a normal distribution.

    1 is the identity.
    """
    return np.sign(features) * np.abs(features) ** np.float32(power)


def class_models(
    pool: np.ndarray,
    owner: np.ndarray,
    labelled: np.ndarray,
    labels: np.ndarray,
    beta: float,
    xi: float,
    xi_mode: str,
) -> Iterator[tuple[int, ClassModel]]:
    """Yield the calibrated model of every class with a label.

    μ' = (1 - β) μ_cluster + β μ_labelled, Σ' = Σ_cluster + ξ.
    The cluster of a class holds most of its labelled images, of equal ones the first; classes may share one.
    """
    clusters: dict[int, ClassModel] = {}
    for label in np.unique(labels).tolist():
        own = labelled[labels == label]
        number = int(np.bincount(owner[own]).argmax())
        if number not in clusters:
            clusters[number] = _cluster_model(pool[owner == number].astype(np.float64), xi, xi_mode)
        mean, factor = clusters[number]
        yield label, ClassModel((1 - beta) * mean + beta * pool[own].mean(axis=0, dtype=np.float64), factor)


def _cluster_model(members: np.ndarray, xi: float, xi_mode: str) -> ClassModel:
    """Return the model of a cluster's ``members`` (n, D) float64, widened by ``xi``."""
    channels = members.shape[1]
    covariance = np.cov(members, rowvar=False) if len(members) > 1 else np.zeros(2 * [channels])
    bump = xi if xi_mode == "scalar_all" else xi * np.eye(channels)
    return ClassModel(members.mean(axis=0), _factor(covariance.reshape(2 * [channels]) + bump))


def _factor(covariance: np.ndarray) -> np.ndarray:
    """Return a with A Aᵀ = covariance, which is singular where a cluster has fewer images than dimensions."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


@dataclass(frozen=True)
class VirtualDraws:
    """Virtual features of labelled images: ``size`` of each round, from its class's model.

    Each label and round has random numbers of its own, whatever the others needed.
    """

    models: Mapping[int, ClassModel]
    labels: Sequence[int]
    size: int
    seed: int

    def draw(self, number: int, turn: int) -> np.ndarray:
        """Return the virtual features (size, D) of the label of this ``number``, in round ``turn``."""
        model = self.models[self.labels[number]]
        generator = np.random.default_rng([self.seed, number, turn])
        noise = generator.standard_normal((self.size, len(model.mean)))
        return unit_rows((model.mean + noise @ model.factor.T).astype(np.float32))
