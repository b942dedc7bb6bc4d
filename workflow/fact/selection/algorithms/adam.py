"""Adam on one tensor whose gradient is known in closed form (Kingma & Ba, ICLR 2015, Algorithm 1)."""

from collections.abc import Callable

import torch


def adam(
    theta: torch.Tensor, learning_rate: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
) -> Callable[[torch.Tensor], None]:
    """A function that moves ``theta`` in place, given the gradient at it; the defaults are PyTorch's.

    ``torch.optim.Adam`` does the same, but its first step imports PyTorch's compiler: a second or more,
    longer than many selections take.
    """
    mean, square = torch.zeros_like(theta), torch.zeros_like(theta)
    steps = 0

    def step(gradient: torch.Tensor) -> None:
        nonlocal steps
        steps += 1
        mean.lerp_(gradient, 1 - betas[0])
        square.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
        spread = (square / (1 - betas[1] ** steps)).sqrt_().add_(eps)
        theta.addcdiv_(mean, spread, value=-learning_rate / (1 - betas[0] ** steps))

    return step
