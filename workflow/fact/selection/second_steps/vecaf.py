"""VeCAF: ActiveFT that is drawn to images the model finds hard, on features moved towards their captions.

Source: Zhang et al., "VeCAF: Vision-language Collaborative Active Finetuning with Training Objective
Awareness", ACM MM 2024; objective data selection (ODS) with the weights of ``weights``, and cross-attentive
embedding augmentation (CEA), which in the released code is a plain interpolation towards the text embedding.
As published it needs the label of every pool image: for its losses, and for captions that name the class.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.selection.algorithms.centroids import Objective, pick_by_centroids
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_pool
from fact.selection.contract import Selection, check_positive
from fact.selection.probabilities import Probabilities
from fact.selection.second_step_contract import check_step
from fact.selection.second_steps.entropy import entropy

TINY = 1e-12
MODES = ("entropy", "pseudo_loss", "pool_oracle")
WEIGHTINGS = ("sample", "as_released")


@dataclass(frozen=True)
class Parameters:
    """``mode``: an image's weight is the entropy of its probabilities, or a loss.

    The loss is that of its likeliest class (``pseudo_loss``), or of its true one (``pool_oracle``, as
    published). ``weighting``: a weight multiplies the image's loss (``sample``), or stands inside the
    logarithm as in the released code, where a larger loss pulls less (``as_released``). ``eta``: how far
    features move towards their texts, with Gaussian ``noise``. The others are ActiveFT's.
    """

    mode: str = "entropy"
    weighting: str = "sample"
    eta: float = 1.2
    noise: float = 0.001
    iterations: int = 100
    temperature: float = 0.07
    balance: float = 1.0
    learning_rate: float = 1e-3
    device: str = "auto"

    def check(self) -> None:
        """Raise ConfigError for parameters that make no sense."""
        if self.weighting not in WEIGHTINGS:
            known = ", ".join(WEIGHTINGS)
            raise ConfigError(f"vecaf: weighting '{self.weighting}' is unknown; write one of {known}")
        positive = ("iterations", "temperature", "learning_rate")
        check_positive("vecaf", **{name: getattr(self, name) for name in positive})


def select(
    features: np.ndarray,
    probabilities: Probabilities,
    labelled: np.ndarray,
    budget: int,
    seed: int,
    *,
    pool_labels: np.ndarray | None = None,
    text: np.ndarray | None = None,
    **params: Any,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); the score is the cosine of pick and centroid.

    ``params``: :class:`Parameters`. ``pool_labels`` (N,): the labels of the whole pool, for ``pool_oracle``.
    ``text`` (N, D): embeddings that features move towards; None: not. With equal weights and no text it is
    ActiveFT with the same ``labelled`` rows.
    """
    check_step(features, probabilities, labelled, budget=budget)
    own = Parameters(**params)
    own.check()
    pool = unit_pool(augment(features, text, own.eta, noise=own.noise, seed=seed), own.device)
    objective = Objective(
        iterations=own.iterations,
        temperature=own.temperature,
        balance=own.balance,
        learning_rate=own.learning_rate,
        weights=torch.from_numpy(weights(probabilities, own.mode, pool_labels)).to(pool.device),
        weights_inside=own.weighting == "as_released",
    )
    start = np.concatenate([labelled, random_rows(len(features), budget, seed, labelled=labelled)])
    return pick_by_centroids(pool, start, labelled, objective=objective)


def weights(probabilities: Probabilities, mode: str, pool_labels: np.ndarray | None = None) -> np.ndarray:
    """Return weight of each image, float32 (N,), positive, with mean 1.

    Raises ConfigError for what a mode lacks.
    """
    if mode not in MODES:
        raise ConfigError(f"vecaf: mode '{mode}' is unknown; write one of {', '.join(MODES)}")
    if (mode == "pool_oracle") != (pool_labels is not None):
        raise ConfigError("vecaf: the labels of the pool belong to mode pool_oracle, and to no other")
    if pool_labels is not None and (pool_labels < 0).any():
        raise ConfigError("vecaf: mode pool_oracle needs the label of every pool image; take mode entropy")
    if mode == "entropy":
        raw = probabilities.per_image(lambda block, _: entropy(block))
    else:
        raw = probabilities.per_image(
            lambda block, rows: losses(block, None if pool_labels is None else pool_labels[rows])
        )
    raw = np.maximum(raw, TINY)
    return (raw / raw.mean()).astype(np.float32)


def losses(probabilities: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Return -log p of each row's label, or of its likeliest class where there are none, float64 (n,)."""
    classes = probabilities.argmax(axis=1) if labels is None else labels
    chosen = probabilities[np.arange(len(probabilities)), classes].astype(np.float64)
    return -np.log(np.maximum(chosen, TINY))


def augment(features: np.ndarray, text: np.ndarray | None, eta: float, noise: float, seed: int) -> np.ndarray:
    """Return e - η (e - t) + ε: features (N, D) moved towards their text embeddings.

    The released CEA, whose α is 1.
    """
    if text is None:
        return features
    if text.shape != features.shape:
        raise ConfigError(f"vecaf: text embeddings {text.shape} do not match features {features.shape}")
    moved = features.astype(np.float32) * np.float32(1 - eta) + text.astype(np.float32) * np.float32(eta)
    spread = np.random.default_rng([seed, 2]).standard_normal(moved.shape, np.float32)
    return moved + np.float32(noise) * spread
