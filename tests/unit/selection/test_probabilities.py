"""Probabilities in blocks against all of them at once, in float64."""

import numpy as np
import pytest
import torch
from fact.selection import probabilities as module
from fact.selection.probabilities import Probabilities, of_head
from fact.selection.second_steps import badge, entropy, margin, vecaf
from fact.training.heads.head import Head, pooled_head
from fact.training.heads.linear import LinearHead
from pools import clustered_pool

FEATURES, CLASSES = clustered_pool(300, 8, 6), 11
LABELLED = np.array([4, 17, 250], np.int64)


@pytest.fixture
def head() -> Head:
    generator = torch.Generator().manual_seed(0)
    weight, bias = (torch.randn(size, generator=generator) for size in ((CLASSES, 8), (CLASSES,)))
    return pooled_head(LinearHead(0.3 * weight, bias))  # nowhere so sure that float32 says 1


@pytest.fixture
def blocks(head: Head, monkeypatch: pytest.MonkeyPatch) -> Probabilities:
    """The head's probabilities, 13 rows at a time."""
    monkeypatch.setattr(module, "BLOCK_ELEMENTS", 13 * CLASSES)
    return of_head(head, FEATURES)


@pytest.fixture
def exact(head: Head) -> np.ndarray:
    """All of them, in float64 (300, 11)."""
    weight, bias = (head.tensors[name].double() for name in ("weight", "bias"))
    return (torch.from_numpy(FEATURES).double() @ weight.T + bias).softmax(1).numpy()


def log_losses(exact: np.ndarray) -> np.ndarray:
    return -np.log(exact)


def test_no_more_rows_than_a_block_are_ever_made(blocks: Probabilities) -> None:
    sizes: list[int] = []
    blocks.per_image(lambda block, rows: sizes.append(len(block)) or rows)
    assert max(sizes) == 13 and sum(sizes) == 300


def test_entropy_and_margin_are_those_of_all_at_once(blocks: Probabilities, exact: np.ndarray) -> None:
    left = np.setdiff1d(np.arange(300), LABELLED)
    found = entropy.select(FEATURES, blocks, LABELLED, 50, 0)
    values = (exact * log_losses(exact)).sum(axis=1)
    np.testing.assert_allclose(found.scores, values[found.indices], rtol=1e-5)
    assert found.indices.tolist() == left[np.argsort(-values[left], kind="stable")[:50]].tolist()
    found = margin.select(FEATURES, blocks, LABELLED, 50, 0)
    second, first = np.sort(exact, axis=1)[:, -2:].T
    np.testing.assert_allclose(found.scores, (1 - first + second)[found.indices], rtol=1e-5)
    assert found.indices.tolist() == left[np.argsort((first - second)[left], kind="stable")[:50]].tolist()


@pytest.mark.parametrize("mode", ["entropy", "pseudo_loss", "pool_oracle"])
def test_vecaf_s_weights_are_those_of_all_at_once(
    mode: str, blocks: Probabilities, exact: np.ndarray
) -> None:
    labels = np.random.default_rng(0).integers(CLASSES, size=300) if mode == "pool_oracle" else None
    classes = exact.argmax(axis=1) if labels is None else labels
    raw = log_losses(exact)[np.arange(300), classes]
    if mode == "entropy":
        raw = (exact * log_losses(exact)).sum(axis=1)
    np.testing.assert_allclose(vecaf.weights(blocks, mode, labels), raw / raw.mean(), rtol=1e-4)


def test_badge_s_scores_are_distances_of_the_gradients(blocks: Probabilities, exact: np.ndarray) -> None:
    found = badge.select(FEATURES, blocks, LABELLED, 20, 3)
    exact[np.arange(300), exact.argmax(axis=1)] -= 1
    gradients = (exact[:, :, None] * FEATURES.astype(np.float64)[:, None]).reshape(300, -1)
    for rank in range(1, 20):
        away = gradients[found.indices[rank]] - gradients[found.indices[:rank]]
        assert found.scores[rank] == pytest.approx((away**2).sum(axis=1).min(), rel=1e-4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_makes_the_same_probabilities(head: Head) -> None:
    rows = np.arange(300)
    found = of_head(head, FEATURES, torch.device("cuda")).of_rows(rows)
    np.testing.assert_allclose(found, of_head(head, FEATURES).of_rows(rows), atol=1e-5)
