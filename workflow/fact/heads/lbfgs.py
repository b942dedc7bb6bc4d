"""L-BFGS over :class:`torch.optim.LBFGS`, for the smooth and deterministic objectives of the heads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

HISTORY = 10


@dataclass(frozen=True)
class Minimum:
    """Where a minimisation stopped; the parameters themselves are changed in place."""

    iterations: int
    loss: float
    gradient_norm: float
    converged: bool


def minimise(
    loss_of: Callable[[], Tensor],
    parameters: Sequence[Tensor],
    *,
    max_iterations: int = 200,
    tolerance: float = 1e-7,
) -> Minimum:
    """Minimise ``loss_of()`` over leaf tensors ``parameters`` (floating, ``requires_grad``), in place.

    L-BFGS with ten stored pairs and a strong-Wolfe line search (Nocedal & Wright, *Numerical
    Optimization*, alg. 7.5 and 3.5). The objective must be deterministic: materialise every augmented
    view before. ``gradient_norm`` is the largest absolute gradient entry; ``converged`` says that it
    reached ``tolerance``, or that two losses could no longer be told apart in their dtype, before
    ``max_iterations`` were done.
    Raises ValueError when the loss is not finite.
    """
    optimiser = torch.optim.LBFGS(
        list(parameters),
        max_iter=max_iterations,
        max_eval=10 * max_iterations,
        tolerance_grad=tolerance,
        # stop on the change of the loss only where the dtype cannot tell two losses apart
        tolerance_change=torch.finfo(parameters[0].dtype).eps,
        history_size=HISTORY,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        with torch.enable_grad():
            loss = loss_of()
            if not torch.isfinite(loss):
                raise ValueError(
                    f"L-BFGS: the loss became {loss.item()}; check for NaN, infinity or huge features"
                )
            loss.backward()
        return loss.detach()

    optimiser.step(closure)
    return _minimum(optimiser, closure(), parameters, max_iterations)


def _minimum(
    optimiser: torch.optim.LBFGS, loss: Tensor, parameters: Sequence[Tensor], max_iterations: int
) -> Minimum:
    gradient = max(float(parameter.grad.abs().max()) for parameter in parameters)
    # torch keeps the counter under the first parameter and leaves the loop early only when it is done
    iterations = optimiser.state[parameters[0]]["n_iter"]
    return Minimum(iterations, float(loss), gradient, iterations < max_iterations)
