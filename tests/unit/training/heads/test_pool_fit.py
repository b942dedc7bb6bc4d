"""The head on labels and pool images, against scikit-learn with weights."""

import numpy as np
import pytest
import torch
from fact.infra.errors import ConfigError
from fact.training.heads.fit import LabelledFeatures, fit_head
from fact.training.heads.pool_fit import PoolImages
from fact.training.heads.spec import read_head_spec
from sklearn.linear_model import LogisticRegression

POOL = {
    "propagation": "graph",
    "per_class": 5,
    "weight": 2.0,
    "C": 10.0,
    "least_power": 0.5,
    "classes": "equal",
}
SPEC = {"kind": "auto", "pool": POOL}


def images(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    return torch.randn(count, 8, generator=generator) + 2 * torch.eye(8)[labels], labels


def test_it_is_the_weighted_logistic_regression() -> None:
    pooled, labels = images(12, 0)
    others, guessed = images(15, 1)
    sure = torch.linspace(0.5, 1, 15)
    data = LabelledFeatures(pooled, None, labels, [str(row) for row in range(12)], 3)
    head, report = fit_head(
        data, read_head_spec(SPEC), 0, pool=PoolImages(others, guessed, sure, torch.ones(15), 2.0)
    )
    rows = np.concatenate([pooled, others]).astype(np.float64)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    roots = np.sign(units) * np.sqrt(np.abs(units))
    weights = np.concatenate([np.ones(12), sure.numpy() * 2.0 * 12 / sure.sum().item()])
    oracle = LogisticRegression(C=10.0, tol=1e-10, max_iter=5000)
    oracle.fit(roots, np.concatenate([labels, guessed]), sample_weight=weights)
    found = head.logits(torch.from_numpy(rows).float()).softmax(1).numpy()
    assert found == pytest.approx(oracle.predict_proba(roots), abs=1e-4)
    assert report["pool_images"] == 15 and report["chosen"]["transform"] == "l2sqrt"


@pytest.mark.parametrize("kind", ["map", "lr"])
def test_only_the_head_auto_takes_the_pool(kind: str) -> None:
    with pytest.raises(ConfigError, match="pool needs kind: auto"):
        read_head_spec({**SPEC, "kind": kind})


def test_where_the_graph_says_too_little_the_head_is_chosen_on_the_labels_alone() -> None:
    pooled, labels = images(12, 0)
    data = LabelledFeatures(pooled, None, labels, [str(row) for row in range(12)], 3)
    weak = PoolImages(*images(15, 1), torch.ones(15), torch.ones(15), 0.49)
    head, report = fit_head(data, read_head_spec(SPEC), 0, pool=weak)
    alone, plain = fit_head(data, read_head_spec({"kind": "auto"}), 0)
    assert torch.equal(head.logits(pooled), alone.logits(pooled))
    assert report["candidates"] == plain["candidates"]
    assert (report["pool_images"], report["pool_power"]) == (0, 0.49)


def test_images_of_a_class_count_as_many_as_the_class_has_in_the_pool() -> None:
    labels, sure = torch.tensor([0, 0, 1, 1, 1, 3]), torch.tensor([0.5, 1.0, 0.2, 0.2, 0.1, 0.9])
    sizes = torch.tensor([30, 30, 10, 10, 10, 2])
    pool = PoolImages(torch.zeros(6, 2), labels, sure, sizes, 2.0)
    assert torch.equal(pool.weights("equal"), sure.double())
    found = pool.weights("shares")
    sums = [float(found[labels == label].sum()) for label in (0, 1, 3)]
    assert sums == pytest.approx([30, 10, 2])
    assert float(found[1] / found[0]) == pytest.approx(2)


def test_an_unknown_weighing_of_classes_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"pool\.classes = 'all'; use one of equal, shares"):
        read_head_spec({**SPEC, "pool": {**POOL, "classes": "all"}})


def test_a_class_without_a_label_stays_below_the_others() -> None:
    pooled, labels = images(12, 0)
    data = LabelledFeatures(pooled, None, labels, [str(row) for row in range(12)], 4)
    head, _ = fit_head(
        data, read_head_spec(SPEC), 0, pool=PoolImages(*images(9, 1), torch.ones(9), torch.ones(9), 2.0)
    )
    assert (head.logits(pooled).argmax(1) < 3).all()
