"""Fit a head on features in memory, NumPy in and NumPy out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from fact.config.key_text import known_names
from fact.config.registries import read_overlay
from fact.infra.errors import ConfigError
from fact.infra.files.shipped import workflow_folder
from fact.training.heads.fit import LabelledFeatures
from fact.training.heads.fit import fit_head as fit_torch_head
from fact.training.heads.head import Head
from fact.training.heads.spec import HeadSpec, read_head_spec


@dataclass(frozen=True)
class FittedHead:
    """A head of phase 3, the classes in the order of its logits, and the report of its fit."""

    head: Head
    classes: NDArray[np.generic]
    report: Mapping[str, object]

    def logits(self, features: ArrayLike, tokens: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return logits (n, K) of ``features (n, D)`` and, where they are read, ``tokens (n, H, W, C)``.

        Raises ValueError when tokens are missing.
        """
        return self.head.logits(_tensor(features), None if tokens is None else _tensor(tokens)).numpy()

    def predict_proba(self, features: ArrayLike, tokens: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return probabilities (n, K)."""
        return torch.from_numpy(self.logits(features, tokens)).softmax(1).numpy()

    def predict(self, features: ArrayLike, tokens: ArrayLike | None = None) -> NDArray[np.generic]:
        """Return the likeliest class of each row (n,)."""
        return self.classes[self.logits(features, tokens).argmax(1)]


def fit_head(
    features: ArrayLike,
    labels: ArrayLike,
    head: str | None = None,
    *,
    tokens: ArrayLike | None = None,
    sample_ids: Sequence[str] | None = None,
    seed: int = 0,
    **settings: object,
) -> FittedHead:
    """Fit a head on the features of the labelled images, by L-BFGS; what is open is cross-validated.

    ``features (n, D)``: pooled vectors. ``labels (n,)``: classes of any type. ``head``: a name of
    ``config/heads.yaml``; None is logistic regression on the pooled vector, whose C is cross-validated.
    ``settings`` replace those of the head. ``tokens (n, H, W, C)``: for heads that pool tokens (``map``,
    ``auto``) and for FroFA. ``sample_ids``: what FroFA draws its random numbers by; row numbers without.
    Equal arguments give equal heads. Paper, section III-C.

    Raises ConfigError for an unknown head or setting, ValueError for arrays that do not fit together.
    """
    classes, positions = np.unique(np.asarray(labels), return_inverse=True)
    names = [str(row) for row in range(len(positions))] if sample_ids is None else list(sample_ids)
    data = LabelledFeatures(
        pooled=_tensor(features),
        tokens=None if tokens is None else _tensor(tokens),
        labels=torch.from_numpy(positions),
        sample_ids=names,
        num_classes=len(classes),
    )
    fitted, report = fit_torch_head(data, declared_head(head, settings), seed)
    return FittedHead(fitted, classes, report)


def declared_head(name: str | None, settings: Mapping[str, object]) -> HeadSpec:
    """Return the head that ``config/heads.yaml`` declares, with other settings. Raises ConfigError."""
    if name is None:
        return read_head_spec({"kind": "lr", "pooling": "pooled", **settings})
    declared = read_overlay(workflow_folder() / "config/heads.yaml")["heads"]
    if name not in declared:
        raise ConfigError(f"head: '{name}' is not declared; {known_names(name, sorted(declared))}")
    return read_head_spec({**declared[name], **settings})


def _tensor(values: ArrayLike) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.asarray(values, dtype=np.float32)))
