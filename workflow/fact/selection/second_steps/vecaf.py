"""VeCAF: ActiveFT that is drawn to images the model finds hard, on features moved towards their captions.

Source: Zhang et al., "VeCAF: Vision-language Collaborative Active Finetuning with Training Objective
Awareness", ACM MM 2024; objective data selection (ODS) with the weights of ``weights``, and cross-attentive
embedding augmentation (CEA), which in the released code is a plain interpolation towards the text embedding.
As published it needs the label of every pool image: for its losses, and for captions that name the class.
"""

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_pool
from fact.selection.contract import Selection, check_positive
from fact.selection.second_step_contract import check_step
from fact.selection.second_steps.entropy import entropy
from fact.selection.selectors.activeft import pick_by_centroids

TINY = 1e-12
MODES = ("entropy", "pseudo_loss", "pool_oracle")
WEIGHTINGS = ("sample", "as_released")


def select(
    features: np.ndarray,
    probabilities: np.ndarray,
    bought: np.ndarray,
    budget: int,
    seed: int,
    *,
    mode: str = "entropy",
    weighting: str = "sample",
    pool_labels: np.ndarray | None = None,
    text: np.ndarray | None = None,
    eta: float = 1.2,
    noise: float = 0.001,
    iterations: int = 100,
    temperature: float = 0.07,
    balance: float = 1.0,
    learning_rate: float = 1e-3,
    device: str = "auto",
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); the score is the cosine of pick and centroid.

    ``mode``: an image's weight is the entropy of its probabilities, the loss of its likeliest class
    (``pseudo_loss``), or the loss of its true one (``pool_oracle``, as published: ``pool_labels`` (N,) are
    the labels of the whole pool). ``weighting``: a weight multiplies the image's loss (``sample``), or stands
    inside the logarithm as in the released code, where a larger loss pulls less (``as_released``).
    ``text`` (N, D): embeddings that features move towards by ``eta``, with Gaussian ``noise``; None: not.
    With equal weights and no text it is ActiveFT with the same ``bought`` rows.
    """
    check_step(features, probabilities, bought, budget)
    if weighting not in WEIGHTINGS:
        raise ConfigError(f"vecaf: weighting '{weighting}' is unknown; write one of {', '.join(WEIGHTINGS)}")
    check_positive("vecaf", iterations=iterations, temperature=temperature, learning_rate=learning_rate)
    importance = weights(probabilities, mode, pool_labels)
    pool = unit_pool(augment(features, text, eta, noise, seed), device)
    return pick_by_centroids(
        pool,
        np.concatenate([bought, random_rows(len(features), budget, seed, bought)]),
        bought,
        iterations=iterations,
        temperature=temperature,
        balance=balance,
        learning_rate=learning_rate,
        weights=torch.from_numpy(importance).to(pool.device),
        weights_inside=weighting == "as_released",
    )


def weights(probabilities: np.ndarray, mode: str, pool_labels: np.ndarray | None = None) -> np.ndarray:
    """Weight of each image, float32 (N,), positive, with mean 1. Raises ConfigError for what a mode lacks."""
    if mode not in MODES:
        raise ConfigError(f"vecaf: mode '{mode}' is unknown; write one of {', '.join(MODES)}")
    if (mode == "pool_oracle") != (pool_labels is not None):
        raise ConfigError("vecaf: the labels of the pool belong to mode pool_oracle, and to no other")
    if mode == "pool_oracle" and (pool_labels < 0).any():
        raise ConfigError("vecaf: mode pool_oracle needs the label of every pool image; take mode entropy")
    exact = np.maximum(probabilities.astype(np.float64), TINY)
    if mode == "entropy":
        raw = entropy(probabilities)
    else:
        classes = exact.argmax(axis=1) if pool_labels is None else pool_labels
        raw = -np.log(exact[np.arange(len(exact)), classes])
    raw = np.maximum(raw, TINY)
    return (raw / raw.mean()).astype(np.float32)


def augment(features: np.ndarray, text: np.ndarray | None, eta: float, noise: float, seed: int) -> np.ndarray:
    """e - η (e - t) + ε: features (N, D) moved towards their text embeddings (released CEA; its α is 1)."""
    if text is None:
        return features
    if text.shape != features.shape:
        raise ConfigError(f"vecaf: text embeddings {text.shape} do not match features {features.shape}")
    moved = features.astype(np.float32) * np.float32(1 - eta) + text.astype(np.float32) * np.float32(eta)
    spread = np.random.default_rng([seed, 2]).standard_normal(moved.shape, np.float32)
    return moved + np.float32(noise) * spread
