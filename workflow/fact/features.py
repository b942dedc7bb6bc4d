"""Frozen or refined features: run a backbone over images in batches."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from fact.backbones.interface import Backbone
from fact.device import autocast


def normalise(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """uint8 or float images (B, 3, S, S) in 0..255 to the backbone's input range, float32."""
    centre = torch.tensor(mean, device=images.device).view(1, 3, 1, 1) * 255
    spread = torch.tensor(std, device=images.device).view(1, 3, 1, 1) * 255
    return (images.float() - centre) / spread


def to_tensor(images: np.ndarray, device: torch.device) -> Tensor:
    """uint8 images (B, S, S, 3) as a (B, 3, S, S) tensor on the device, channels last in memory."""
    return torch.from_numpy(images).to(device).permute(0, 3, 1, 2)


def extract(
    backbone: Backbone,
    batches: Iterable[np.ndarray],
    spec: dict,
    device: torch.device,
    *,
    precision: str = "auto",
    tokens: bool = False,
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Yield ``pooled (b, D)`` and, if asked, ``tokens (b, H, W, C)`` of each uint8 batch (b, S, S, 3).

    Both are float32; the backbone is left on the device, in eval mode.
    """
    # outside inference mode, where moved weights could never be trained again
    backbone = backbone.to(device, memory_format=torch.channels_last).eval()
    for batch in batches:
        images = normalise(to_tensor(batch, device), spec["mean"], spec["std"])
        with torch.inference_mode(), autocast(device, precision):
            pooled, grid = backbone.pooled_and_tokens(images) if tokens else (backbone(images), None)
        yield _array(pooled), None if grid is None else _array(grid)


def _array(values: Tensor) -> np.ndarray:
    return values.float().cpu().contiguous().numpy()
