"""ActiveDC: pseudo-labels by distribution calibration (CVPR 2024), as its released code computes them.

The distribution of a class is that of the pool's cluster which holds most of its labelled images, drawn
towards those images; virtual features are drawn from it, and the pool image nearest to each gets the label.
No true label of an image that was not labelled is used: the released ``--uncertainty`` has no counterpart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from fact.infra.errors import ConfigError
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.transport import TransportFilter
from fact.selection.calibration_contract import PseudoLabels


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
    leaves out).
    """

    alpha: float
    xi: float = 0.2
    xi_mode: str = "scalar_all"
    power: float = 0.5
    draws: int | None = None
    restarts: int = 10
    iterations: int = 300
    max_redraws: int = 100
    transport_filter: bool = False

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
    pool = tukey(unit_rows(features), own.power)
    owner = pool_clusters(pool, num_classes, seed, restarts=own.restarts, iterations=own.iterations)
    beta = 1 - np.exp(-own.alpha * 100 * len(labelled) / len(pool))
    models = dict(
        class_models(pool, owner, labelled, labels=labels, beta=beta, xi=own.xi, xi_mode=own.xi_mode)
    )
    few = 2 if len(labelled) / num_classes < 50 else 1
    accepts = TransportFilter(pool, labelled, seed).accepts if own.transport_filter else lambda row: True
    taken, result = set(labelled.tolist()), []
    draw = VirtualDraws(own.draws or few, own.max_redraws, np.random.default_rng(seed))
    for row, label in zip(labelled.tolist(), labels.tolist(), strict=True):
        kept = [index for index in draw.new_neighbours(pool, models[label], taken) if accepts(index)]
        taken.update(kept)
        result += [(index, label, row) for index in kept]
    return PseudoLabels(*np.array(result, np.int64).reshape(-1, 3).T)


def tukey(features: np.ndarray, power: float) -> np.ndarray:
    """Return sign(x) · |x|^power, which makes skewed features more like a normal distribution.

    1 is the identity.
    """
    return np.sign(features) * np.abs(features) ** np.float32(power)


def pool_clusters(pool: np.ndarray, count: int, seed: int, restarts: int, iterations: int) -> np.ndarray:
    """Return the K-Means cluster (N,) of each image, as many as there are classes, the best of
    ``restarts``.
    """
    means = KMeans(min(count, len(pool)), n_init=restarts, max_iter=iterations, random_state=seed)
    with threadpool_limits(1, user_api="openmp"):  # several threads add up in no fixed order
        return means.fit(pool).labels_


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
    for label in np.unique(labels).tolist():
        own = labelled[labels == label]
        members = pool[owner == np.bincount(owner[own]).argmax()].astype(np.float64)
        mean = (1 - beta) * members.mean(axis=0) + beta * pool[own].mean(axis=0, dtype=np.float64)
        covariance = np.cov(members, rowvar=False) if len(members) > 1 else np.zeros(2 * [pool.shape[1]])
        covariance = covariance.reshape(2 * [pool.shape[1]])
        bump = xi if xi_mode == "scalar_all" else xi * np.eye(pool.shape[1])
        yield label, ClassModel(mean, _factor(covariance + bump))


def _factor(covariance: np.ndarray) -> np.ndarray:
    """Return a with A Aᵀ = covariance, which is singular where a cluster has fewer images than dimensions."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


class VirtualDraws(NamedTuple):
    """How many virtual features are drawn at once, how often, and from which generator."""

    size: int
    rounds: int
    generator: np.random.Generator

    def new_neighbours(self, pool: np.ndarray, model: ClassModel, taken: set[int]) -> list[int]:
        """Return rows nearest to virtual features, those of the first round that finds any not taken."""
        for _ in range(self.rounds):
            noise = self.generator.standard_normal((self.size, len(model.mean)))
            virtual = unit_rows((model.mean + noise @ model.factor.T).astype(np.float32))
            nearest = (pool @ virtual.T).argmax(axis=0).tolist()
            if new := [index for index in dict.fromkeys(nearest) if index not in taken]:
                return new
        return []
