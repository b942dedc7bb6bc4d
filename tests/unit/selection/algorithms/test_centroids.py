import math

import pytest
import torch
from activeft_oracle import published_loss
from fact.selection.algorithms.assignment import ExactAssignment
from fact.selection.algorithms.centroids import Objective, loss_and_gradient, repel
from torch.nn.functional import normalize

TAU = 0.07


def random_rows(count: int, channels: int, seed: int) -> torch.Tensor:
    return torch.randn(count, channels, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def objective(
    theta: torch.Tensor, pool: torch.Tensor, temperature: float = TAU, balance: float = 1.0
) -> tuple[float, torch.Tensor]:
    objective = Objective(temperature=temperature, balance=balance)
    loss, gradient = loss_and_gradient(theta, ExactAssignment(pool), objective)
    return loss.item(), gradient


def test_one_image_one_centroid():
    row = normalize(random_rows(1, 5, 0), dim=1)
    assert objective(row, row)[0] == pytest.approx(math.log(2), abs=1e-12)


@pytest.mark.parametrize("count", [2, 9])
def test_orthonormal_images_as_centroids(count):
    rows = torch.eye(12, dtype=torch.float64)[:count]
    expected = math.log(2 + (count - 1) * math.exp(-1 / TAU))
    assert objective(rows, rows)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("count", [2, 9])
def test_identical_centroids(count):
    rows = normalize(random_rows(1, 5, 0), dim=1).repeat(count, 1)
    assert objective(rows, rows)[0] == pytest.approx(math.log(1 + count), abs=1e-12)


@pytest.mark.parametrize(("temperature", "balance"), [(0.07, 1.0), (0.5, 0.3)])
def test_loss_and_gradient_match_autograd(temperature, balance):
    pool = normalize(random_rows(80, 6, 1), dim=1)
    theta = random_rows(11, 6, 2).requires_grad_()
    expected = published_loss(theta, pool, temperature, balance)
    expected.backward()
    loss, gradient = objective(theta.detach(), pool, temperature, balance)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    torch.testing.assert_close(gradient, theta.grad, rtol=1e-10, atol=1e-13)


def test_a_centroid_without_images_has_no_gradient():
    pool = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    theta = torch.tensor([[1.0, 0.1, 0.0], [0.1, 1.0, 0.0], [0.0, 0.3, -1.0]], dtype=torch.float64)
    gradient = objective(theta, pool)[1]
    assert gradient[2].abs().max() == 0
    assert gradient[:2].abs().amax(dim=1).min() > 0


def test_gradient_is_orthogonal_to_theta():
    pool, theta = normalize(random_rows(60, 8, 1), dim=1), random_rows(7, 8, 2)
    gradient = objective(theta, pool)[1]
    assert (gradient * theta).sum(dim=1).abs().max() < 1e-15
    assert gradient.abs().max() > 1e-4


def test_length_of_theta_does_not_change_the_loss():
    pool, theta = normalize(random_rows(60, 8, 1), dim=1), random_rows(7, 8, 2)
    (loss, gradient), (far_loss, far_gradient) = objective(theta, pool), objective(10 * theta, pool)
    assert far_loss == pytest.approx(loss, rel=1e-12)
    torch.testing.assert_close(10 * far_gradient, gradient)


def test_float32_survives_a_tiny_temperature():
    pool = normalize(random_rows(60, 8, 1), dim=1).float()
    loss, gradient = objective(pool[:5].clone(), pool, temperature=0.005)
    assert math.isfinite(loss)
    assert gradient.isfinite().all()


def test_repulsion_in_tiles():
    centroids = normalize(random_rows(23, 6, 3), dim=1)
    for whole, tiled in zip(repel(centroids, TAU), repel(centroids, TAU, rows=5), strict=True):
        torch.testing.assert_close(whole, tiled, rtol=1e-13, atol=1e-13)
