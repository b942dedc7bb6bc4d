"""Phase 3's linear head as a scikit-learn classifier on features that are there."""

from dataclasses import replace
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.spec import HeadSpec


class FactClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression by L-BFGS whose strength C is chosen by cross-validation inside the labelled set.

    ``C``: a number, or "cv". ``C_grid``: what "cv" chooses from; None takes the grid of ``HeadSpec``.
    ``folds``: of the cross-validation. ``random_state``: its seed.

    After ``fit``: ``classes_``, ``coef_ (K, D)``, ``intercept_ (K,)``, ``C_`` (the strength taken),
    ``report_``.
    """

    def __init__(
        self,
        C: float | Literal["cv"] = "cv",
        C_grid: tuple[float, ...] | None = None,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.C_grid = C_grid
        self.folds = folds
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit on features ``X (n, D)`` and classes ``y (n,)``. Raises ValueError for what cannot be used."""
        features, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        self.classes_, positions = np.unique(targets, return_inverse=True)
        data = LabelledFeatures(
            pooled=torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32)),
            tokens=None,
            labels=torch.from_numpy(positions),
            sample_ids=[str(row) for row in range(len(features))],
            num_classes=len(self.classes_),
        )
        head, self.report_ = fit_head(data, self._spec(), self.random_state)
        self.coef_ = head.tensors["weight"].double().numpy()
        self.intercept_ = head.tensors["bias"].double().numpy()
        self.C_ = self.report_["chosen"]["C"]
        return self

    def logits(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return logits (n, K)."""
        check_is_fitted(self)
        features = validate_data(self, X, reset=False, dtype=np.float64)
        return features @ self.coef_.T + self.intercept_

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return probabilities (n, K)."""
        return softmax(self.logits(X), axis=1)

    def predict(self, X: ArrayLike) -> NDArray[np.generic]:
        """Return the likeliest class of each row (n,)."""
        logits = self.logits(X)
        return self.classes_[logits.argmax(1)]

    def _spec(self) -> HeadSpec:
        spec = HeadSpec(kind="lr", pooling="pooled", C=self.C, folds=self.folds)
        if self.C_grid is None:
            return spec
        return replace(spec, C_grid=tuple(sorted(map(float, self.C_grid))))
