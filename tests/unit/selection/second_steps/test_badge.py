"""BADGE against gradients written out."""

import numpy as np
import pytest
import torch
from fact.selection.probabilities import Probabilities
from fact.selection.second_steps import badge
from pools import clustered_pool

FEATURES = clustered_pool(30, 5, 3)
NONE = np.array([], np.int64)


def model(seed: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    weight = torch.from_numpy(np.random.default_rng(seed).standard_normal((3, 5)))
    logits = torch.from_numpy(FEATURES).double() @ weight.T
    return weight, logits.softmax(1).numpy()


def gradients() -> np.ndarray:
    """Of the loss at the predicted class with respect to the last layer, by autograd: (30, 15)."""
    weight, _ = model()
    weight.requires_grad_()
    rows = []
    for row in torch.from_numpy(FEATURES).double():
        logits = weight @ row
        loss = torch.nn.functional.cross_entropy(logits[None], logits.argmax()[None])
        rows.append(torch.autograd.grad(loss, weight)[0].flatten().numpy())
    return np.array(rows)


def test_scores_are_squared_distances_of_the_gradients() -> None:
    found, full = badge.select(FEATURES, Probabilities.of_array(model()[1]), NONE, 6, 0), gradients()
    assert found.indices[0] == (full**2).sum(axis=1).argmax()
    for rank in range(1, 6):
        away = ((full[found.indices[rank]] - full[found.indices[:rank]]) ** 2).sum(axis=1).min()
        assert found.scores[rank] == pytest.approx(away, rel=1e-5)


def test_far_gradients_are_drawn_in_their_proportion() -> None:
    """Two distinct ones beside copies of the first: the second pick is one of them."""
    features = np.array([[4, 0], [4, 0], [4, 0], [0, 1], [0, 2]], np.float32)
    even = Probabilities.of_array(np.full((5, 2), 0.5))
    seconds = [badge.select(features, even, NONE, 2, seed).indices[1] for seed in range(400)]
    # |g|² = |x|²/2 apart at right angles: (16 + 1) / 2 against (16 + 4) / 2
    assert set(seconds) == {3, 4}
    assert np.mean(np.array(seconds) == 4) == pytest.approx(20 / 37, abs=0.08)
