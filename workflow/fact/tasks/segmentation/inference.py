"""Predict whole images, at once or by sliding windows."""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fact.backbones.extraction import normalise, to_tensor
from fact.backbones.spec import ImageInput
from fact.device import autocast, products_of
from fact.tasks.segmentation.model import Segmenter, enlarge
from fact.tasks.segmentation.settings import Inference


@torch.inference_mode()
def predict_mask(
    model: Segmenter,
    image: np.ndarray,
    size: tuple[int, int],
    spec: ImageInput,
    device: torch.device,
    settings: Inference,
) -> np.ndarray:
    """Return class positions uint8 (H, W) = ``size`` of an image uint8 (h, w, 3), perhaps of another scale.

    The model is in eval mode on the device.
    """
    pixels = normalise(to_tensor(image[None], device), spec.mean, spec.std)
    with products_of(device, settings.precision), autocast(device, settings.precision):
        logits = _logits(model, pixels) if settings.mode == "whole" else _slide(model, pixels, settings)
    return enlarge(logits, size).argmax(1)[0].to(torch.uint8).cpu().numpy()


def _logits(model: Segmenter, pixels: Tensor) -> Tensor:
    """Return logits (1, K, h, w) of an image (1, 3, h, w), padded with the mean colour to the stride."""
    height, width = pixels.shape[-2:]
    stride = model.backbone.stride
    padded = F.pad(pixels, (0, -width % stride, 0, -height % stride))
    logits, _ = model(padded)
    return enlarge(logits, padded.shape[-2:])[..., :height, :width]


def _slide(model: Segmenter, pixels: Tensor, settings: Inference) -> Tensor:
    side = settings.crop_size
    step = max(1, round(side * (1 - settings.overlap)))
    total: Tensor | float = 0.0
    seen = torch.zeros(1, 1, *pixels.shape[-2:], device=pixels.device)
    for top, left in product(*(window_starts(length, side, step) for length in pixels.shape[-2:])):
        window = slice(top, top + side), slice(left, left + side)
        logits = _logits(model, pixels[..., window[0], window[1]])
        if not isinstance(total, Tensor):
            total = torch.zeros(1, logits.shape[1], *pixels.shape[-2:], device=pixels.device)
        total[..., window[0], window[1]] += logits
        seen[..., window[0], window[1]] += 1
    return total / seen


def window_starts(length: int, side: int, step: int) -> list[int]:
    """Return where windows of ``side`` begin so as to cover ``length``; the last one ends with it."""
    last = max(length - side, 0)
    return [*range(0, last, step), last]
