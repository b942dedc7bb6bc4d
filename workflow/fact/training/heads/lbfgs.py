"""L-BFGS by SciPy, for the smooth deterministic objectives of the lightweight heads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController
from torch import Tensor

HISTORY = 10

# the loss, and its gradient for each parameter
Objective = Callable[[], tuple[Tensor, Sequence[Tensor]]]


@dataclass(frozen=True)
class Minimum:
    """Where a minimisation stopped; the parameters themselves are changed in place."""

    iterations: int
    loss: float
    gradient_norm: float
    converged: bool


@dataclass(frozen=True)
class Limits:
    """When a minimisation ends: after these iterations, or at a largest gradient entry of ``tolerance``."""

    max_iterations: int
    tolerance: float


def minimise(objective: Objective, parameters: Sequence[Tensor], limits: Limits) -> Minimum:
    """Minimise ``objective()``, a loss and its gradients, over floating ``parameters``, in place.

    L-BFGS with ten stored pairs and a line search for the strong Wolfe conditions (Moré & Thuente, 1994, in
    SciPy's L-BFGS-B without bounds; Nocedal & Wright, *Numerical Optimization*, alg. 7.5). The objective
    must be deterministic: draw the random numbers of augmented views before. ``gradient_norm`` is the
    largest absolute gradient entry; ``converged`` says that it reached the tolerance, or that two losses
    could no longer be told apart in their dtype, before all iterations were done.
    Raises ValueError when the loss is not finite.
    """

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        _assign(parameters, flat)
        loss, gradients = objective()
        return _finite(loss.item()), _flat(gradients)

    # SciPy's vectors are short: several BLAS threads wait for each other longer than they add
    with _scipy_blas().limit(limits=1):
        result = minimize(
            loss_and_gradient,
            _flat(parameters),
            jac=True,
            method="L-BFGS-B",
            options={
                "maxiter": limits.max_iterations,
                "maxfun": 10 * limits.max_iterations,
                "maxcor": HISTORY,
                "gtol": limits.tolerance,
                # stop on the change of the loss only where the dtype cannot tell two losses apart
                "ftol": torch.finfo(parameters[0].dtype).eps,
            },
        )
    _assign(parameters, result.x)
    return Minimum(
        iterations=result.nit,
        loss=float(result.fun),
        gradient_norm=float(np.abs(result.jac).max()),
        converged=result.nit < limits.max_iterations,
    )


@cache
def _scipy_blas() -> ThreadpoolController:
    """Return the BLAS libraries that NumPy and SciPy bring along; torch has one of its own."""
    return ThreadpoolController().select(prefix="libscipy_openblas")


def _flat(tensors: Sequence[Tensor]) -> np.ndarray:
    """Return one float64 vector of all entries."""
    return np.concatenate([tensor.detach().double().cpu().numpy().ravel() for tensor in tensors])


def _assign(tensors: Sequence[Tensor], flat: np.ndarray) -> None:
    """Write a vector back into the tensors, in place."""
    parts = torch.from_numpy(flat).split([tensor.numel() for tensor in tensors])
    with torch.no_grad():
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))


def _finite(loss: float) -> float:
    if not np.isfinite(loss):
        raise ValueError(f"L-BFGS: the loss became {loss}; check the features for NaN or infinity")
    return loss
