"""The head on labels and pool images, against scikit-learn with weights."""

import numpy as np
import pytest
import torch
from fact.infra.errors import ConfigError
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.pool_fit import PoolImages
from fact.training.heads.spec import read_head_spec
from sklearn.linear_model import LogisticRegression

POOL = {"propagation": "graph", "per_class": 5, "weight": 2.0}
SPEC = {"kind": "lr", "transform": "l2sqrt", "C": 10.0, "pool": POOL}


def images(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    return torch.randn(count, 8, generator=generator) + 2 * torch.eye(8)[labels], labels


def test_it_is_the_weighted_logistic_regression() -> None:
    pooled, labels = images(12, 0)
    others, guessed = images(15, 1)
    sure = torch.linspace(0.5, 1, 15)
    data = LabelledFeatures(pooled, None, labels, [str(row) for row in range(12)], 3)
    head, report = fit_head(data, read_head_spec(SPEC), 0, pool=PoolImages(others, guessed, sure))
    rows = np.concatenate([pooled, others]).astype(np.float64)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    roots = np.sign(units) * np.sqrt(np.abs(units))
    weights = np.concatenate([np.ones(12), sure.numpy() * 2.0 * 12 / sure.sum().item()])
    oracle = LogisticRegression(C=10.0, tol=1e-10, max_iter=5000)
    oracle.fit(roots, np.concatenate([labels, guessed]), sample_weight=weights)
    found = head.logits(torch.from_numpy(rows).float()).softmax(1).numpy()
    assert found == pytest.approx(oracle.predict_proba(roots), abs=1e-4)
    assert report["pool_images"] == 15 and report["chosen"]["transform"] == "l2sqrt"


@pytest.mark.parametrize("change", [{"kind": "map"}, {"pooling": "mean"}, {"C": "cv"}])
def test_what_cannot_be_fitted_on_the_pool_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="pool needs kind: lr, pooling: pooled and a number as C"):
        read_head_spec({**SPEC, **change})


def test_a_class_without_a_label_stays_below_the_others() -> None:
    pooled, labels = images(12, 0)
    data = LabelledFeatures(pooled, None, labels, [str(row) for row in range(12)], 4)
    head, _ = fit_head(data, read_head_spec(SPEC), 0, pool=PoolImages(*images(9, 1), torch.ones(9)))
    assert (head.logits(pooled).argmax(1) < 3).all()
