"""Predictions of whole images, at once or by sliding windows."""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from fact.backbones.extraction import normalise, to_tensor
from fact.device import autocast
from fact.tasks.segmentation.model import Segmenter, enlarge


@torch.inference_mode()
def predict(
    model: Segmenter, image: np.ndarray, size: tuple[int, int], spec: dict, device: torch.device, how: dict
) -> np.ndarray:
    """Class positions uint8 (H, W) = ``size`` of an image uint8 (h, w, 3), which may have another scale.

    ``how``: ``mode`` (whole or slide), ``crop_size`` and ``overlap`` of sliding windows (a share of their
    side; logits of overlapping windows are averaged), ``precision``. The model is in eval mode on the device.
    """
    pixels = normalise(to_tensor(image[None], device), spec["mean"], spec["std"])
    with autocast(device, how["precision"]):
        logits = _logits(model, pixels) if how["mode"] == "whole" else _slide(model, pixels, how)
    return enlarge(logits, size).argmax(1)[0].to(torch.uint8).cpu().numpy()


def _logits(model: Segmenter, pixels: Tensor) -> Tensor:
    """Logits (1, K, h, w) of one image (1, 3, h, w), padded with the mean colour to the model's stride."""
    height, width = pixels.shape[-2:]
    stride = model.backbone.stride
    padded = F.pad(pixels, (0, -width % stride, 0, -height % stride))
    logits, _ = model(padded)
    return enlarge(logits, padded.shape[-2:])[..., :height, :width]


def _slide(model: Segmenter, pixels: Tensor, how: dict) -> Tensor:
    side = how["crop_size"]
    step = max(1, round(side * (1 - how["overlap"])))
    total, seen = None, torch.zeros(1, 1, *pixels.shape[-2:], device=pixels.device)
    for top, left in product(*(window_starts(length, side, step) for length in pixels.shape[-2:])):
        window = slice(top, top + side), slice(left, left + side)
        logits = _logits(model, pixels[..., window[0], window[1]])
        if total is None:
            total = torch.zeros(1, logits.shape[1], *pixels.shape[-2:], device=pixels.device)
        total[..., window[0], window[1]] += logits
        seen[..., window[0], window[1]] += 1
    return total / seen


def window_starts(length: int, side: int, step: int) -> list[int]:
    """Where windows of ``side`` begin so as to cover ``length``; the last one ends with it."""
    last = max(length - side, 0)
    return [*range(0, last, step), last]
