from collections.abc import Callable

import pytest
import torch
from fact.training.heads import lbfgs
from fact.training.heads.lbfgs import Limits, Minimum
from logistic import limits
from threadpoolctl import threadpool_info
from torch import Tensor


def minimise(loss_of: Callable[[], Tensor], parameters: list[Tensor], limits: Limits) -> Minimum:
    """Minimise a loss that autograd differentiates."""

    def objective() -> tuple[Tensor, tuple[Tensor, ...]]:
        with torch.enable_grad():
            loss = loss_of()
        return loss.detach(), torch.autograd.grad(loss, parameters)

    return lbfgs.minimise(objective, parameters, limits)


def test_a_quadratic_is_solved_to_its_closed_form() -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    matrix, target = root @ root.T + torch.eye(6), torch.randn(6, generator=generator, dtype=torch.float64)
    x = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    minimum = minimise(lambda: x @ matrix @ x / 2 - target @ x, [x], limits())
    torch.testing.assert_close(x.detach(), torch.linalg.solve(matrix, target), atol=1e-7, rtol=0)
    assert minimum.converged and minimum.gradient_norm <= 1e-7 and 1 < minimum.iterations < 200
    assert minimum.loss == pytest.approx(float(-target @ torch.linalg.solve(matrix, target) / 2), abs=1e-12)


def rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    return (1 - x).square() + 100 * (y - x.square()).square()


def test_several_parameters_and_a_curved_valley() -> None:
    x = torch.tensor(-1.2, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    minimise(lambda: rosenbrock(x, y), [x, y], limits(tolerance=1e-9))
    assert (x.item(), y.item()) == pytest.approx((1, 1), abs=1e-6)


def test_running_out_of_iterations_is_reported() -> None:
    x = torch.tensor(-1.2, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    minimum = minimise(lambda: rosenbrock(x, y), [x, y], limits(max_iterations=3))
    assert minimum.iterations == 3 and not minimum.converged and minimum.gradient_norm > 0.1


def test_float32_stops_where_losses_cannot_be_told_apart() -> None:
    x = torch.full((50,), 3.0, requires_grad=True)
    minimum = minimise(lambda: 1000 + (x - 1).pow(4).sum(), [x], limits(tolerance=1e-30))
    assert minimum.converged and minimum.iterations < 200
    assert minimum.loss == pytest.approx(1000, rel=1e-6)


def test_a_minimum_is_recognised_at_once() -> None:
    x = torch.zeros(3, requires_grad=True)
    assert minimise(lambda: x.square().sum(), [x], limits()).iterations <= 1


def test_a_loss_that_is_not_finite_is_refused() -> None:
    x = torch.zeros(1, requires_grad=True)
    with pytest.raises(ValueError, match="the loss became nan"):
        minimise(lambda: (x * float("nan")).sum(), [x], limits())


def test_scipy_s_algebra_takes_one_thread() -> None:
    seen: list[int] = []
    x = torch.ones(3, dtype=torch.float64)

    def objective() -> tuple[Tensor, tuple[Tensor]]:
        pools = threadpool_info()
        seen.extend(pool["num_threads"] for pool in pools if pool["prefix"] == "libscipy_openblas")
        return x.square().sum(), (2 * x,)

    lbfgs.minimise(objective, [x], limits())
    assert seen and set(seen) == {1}
