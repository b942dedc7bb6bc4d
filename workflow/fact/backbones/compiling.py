"""torch.compile, asked for by a configuration key and checked before the work begins."""

from collections.abc import Callable
from typing import TypeVar, cast

import torch
from torch import nn

from fact.infra.errors import MachineError

Function = TypeVar("Function", bound=Callable)


def compiled(function: Function, device: torch.device) -> Function:
    """Return the function, compiled at its first call. Raises MachineError where there is no compiler."""
    check_compiler(device)
    return cast("Function", torch.compile(function))


def compile_in_place(model: nn.Module, device: torch.device) -> None:
    """Compile a module's calls, and keep the names of its tensors.

    Raises MachineError where there is no compiler.
    """
    check_compiler(device)
    model.compile()


def check_compiler(device: torch.device) -> None:
    """Compile one addition. Raises MachineError with the remedy where that fails."""
    try:
        torch.compile(lambda x: x + 1)(torch.ones(2, device=device))
    except Exception as error:  # the compilers below raise whatever they stumble over
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise MachineError(
            f"compile: torch cannot compile for {device.type} here ({reason}); install a C++ compiler for "
            f"the CPU or Triton for a GPU, or set compile: false"
        ) from error
