"""VeCAF: weights, captions, and what it is without them."""

import numpy as np
import pytest
import torch
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.centroids import Objective, loss_and_gradient
from fact.selection.probabilities import Probabilities
from fact.selection.second_steps.vecaf import augment, select, weights
from fact.selection.selectors import activeft
from pools import clustered_pool

FEATURES = clustered_pool(60, 8, 4)
EVEN = Probabilities.of_array(np.full((60, 4), 0.25))
LABELLED = np.array([5, 33], np.int64)
SURE = Probabilities.of_array(np.array([[0.97, 0.01, 0.01, 0.01], [0.25, 0.25, 0.25, 0.25]]))


@pytest.mark.parametrize("weighting", ["sample", "as_released"])
def test_with_equal_weights_and_no_text_it_is_activeft(weighting: str) -> None:
    found = select(FEATURES, EVEN, LABELLED, 6, 3, weighting=weighting, iterations=40)
    plain = activeft.select(FEATURES, 6, 3, iterations=40, labelled=LABELLED)
    assert np.array_equal(found.indices, plain.indices)


def test_weights_are_losses_of_mean_one() -> None:
    for mode in ("entropy", "pseudo_loss"):
        found = weights(SURE, mode)
        assert found.mean() == pytest.approx(1) and found[1] > found[0] > 0
    pseudo = weights(SURE, "pseudo_loss")
    assert pseudo[0] / pseudo[1] == pytest.approx(np.log(0.97) / np.log(0.25), rel=1e-5)
    oracle = weights(SURE, "pool_oracle", np.array([1, 0]))
    assert oracle[0] / oracle[1] == pytest.approx(np.log(0.01) / np.log(0.25), rel=1e-5)


@pytest.mark.parametrize(
    ("mode", "labels"),
    [("pool_oracle", None), ("entropy", np.array([0, 0])), ("pool_oracle", np.array([0, -1]))],
)
def test_pool_labels_belong_to_the_oracle_alone(mode: str, labels: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="pool_oracle"):
        weights(SURE, mode, labels)


def test_captions_move_features_as_far_as_eta_says() -> None:
    text = clustered_pool(60, 8, 2, seed=9)
    assert augment(FEATURES, None, 1.2, 0.1, 0) is FEATURES
    assert np.allclose(augment(FEATURES, text, 0.0, 0.0, 0), FEATURES)
    assert np.allclose(augment(FEATURES, text, 1.0, 0.0, 0), text)
    assert np.allclose(augment(FEATURES, text, 1.2, 0.0, 0), -0.2 * FEATURES + 1.2 * text, atol=1e-6)
    spread = augment(FEATURES, text, 1.0, 0.001, 0) - text
    assert spread.std() == pytest.approx(0.001, rel=0.1)


def test_captions_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match=r"text embeddings \(60, 4\) do not match features \(60, 8\)"):
        augment(FEATURES, FEATURES[:, :4], 1.2, 0.0, 0)


@pytest.mark.parametrize("inside", [False, True])
def test_the_weighted_objective_agrees_with_autograd(inside: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    pool = torch.nn.functional.normalize(torch.randn(40, 6, generator=generator, dtype=torch.float64), dim=1)
    theta = torch.randn(5, 6, generator=generator, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(40, generator=generator, dtype=torch.float64) + 0.1
    centroids = torch.nn.functional.normalize(theta, dim=1)
    best, assigned = (pool @ centroids.T / 0.07).max(dim=1)
    total = (centroids.detach() @ centroids.T / 0.07).exp().sum(dim=0)[assigned]
    pull = best.exp() * (weight if inside else 1)
    terms = -(pull / (pull + total)).log() * (1 if inside else weight)
    terms.mean().backward()
    loss, gradient = loss_and_gradient(
        theta.detach(),
        ExactAssignment(pool),
        Objective(temperature=0.07, weights=weight, weights_inside=inside),
    )
    assert loss.item() == pytest.approx(terms.mean().item(), rel=1e-9)
    assert torch.allclose(gradient, theta.grad, atol=1e-9)


def test_picks_move_to_where_the_model_is_unsure() -> None:
    """Two equal clusters, the model sure of the first: the second gets no fewer picks than evenly."""
    generator = np.random.default_rng(0)
    centres = np.repeat(np.eye(2, 16, dtype=np.float32), 100, axis=0)
    pool = centres + 0.2 * generator.standard_normal((200, 16)).astype(np.float32)
    unsure = Probabilities.of_array(np.where(np.arange(200)[:, None] < 100, [[0.999, 0.001]], [[0.5, 0.5]]))
    uniform = Probabilities.of_array(np.full((200, 2), 0.5))
    labelled = np.array([0, 199])
    picks = [
        select(pool, unsure, labelled, 8, seed, iterations=300, learning_rate=0.01).indices
        for seed in range(4)
    ]
    even = [
        select(pool, uniform, labelled, 8, seed, iterations=300, learning_rate=0.01).indices
        for seed in range(4)
    ]
    assert (np.concatenate(picks) >= 100).mean() >= (np.concatenate(even) >= 100).mean()
