"""The pool as selectors see it: unit rows, on the device that computes."""

import numpy as np
import torch

from fact.infra.errors import ConfigError


def unit_pool(features: np.ndarray, device: str) -> torch.Tensor:
    """Return ``features`` (N, D) as float32 rows of norm 1 on ``device`` (auto, cpu or cuda).

    Raises ConfigError for another device, or where CUDA is asked for and missing.
    """
    target = torch_device(device)
    return torch.from_numpy(unit_rows(features)).to(target)


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Return ``features`` (N, D) as float32 with rows of norm 1, in new memory."""
    norms = np.sqrt(np.einsum("nd,nd->n", features, features, dtype=np.float64))
    return np.divide(features, norms[:, None].astype(np.float32), dtype=np.float32)


def torch_device(name: str) -> torch.device:
    """Return the device of this name: auto, cpu or cuda.

    Raises ConfigError for another one, or where CUDA is asked for and missing.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"device {name!r} is unknown to selectors; choose auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "device 'cuda' was asked for and this machine has no usable CUDA GPU; use auto or cpu"
        )
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
