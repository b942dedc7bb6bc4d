"""Training augmentation in batches on the device: random resized crop and horizontal flip.

One affine grid and one resampling for the whole batch replace a data loader: the labelled set is small
and stays decoded in memory.
"""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

ATTEMPTS = 10


def augment(images: Tensor, settings: dict, generator: Generator) -> Tensor:
    """Augment images (B, 3, S, S) in 0..255; returns float32 of the same shape.

    ``settings``: ``crop_scale`` (area range), ``crop_ratio`` (aspect range), ``flip`` (probability),
    ``interpolation`` (bilinear or bicubic). A crop scale of [1, 1] with ratio [1, 1] and flip 0 is the identity.
    """
    boxes = crop_boxes(len(images), settings["crop_scale"], settings["crop_ratio"], generator)
    flips = torch.rand(len(images), generator=generator) < settings["flip"]
    grid = F.affine_grid(_affine(boxes, flips).to(images.device), list(images.shape), align_corners=False)
    # border: bicubic taps and rounding at the edge must not mix in black
    sampled = F.grid_sample(
        images.float(), grid, mode=settings["interpolation"], padding_mode="border", align_corners=False
    )
    return sampled.clamp_(0, 255)


def crop_boxes(count: int, scale: list[float], ratio: list[float], generator: Generator) -> Tensor:
    """Boxes (count, 4) as centre x, centre y, width, height in fractions of a square image.

    As RandomResizedCrop draws them: area uniform in ``scale``, log aspect uniform in ``ratio``, up to ten
    attempts to fit inside the image, else the largest centred box of an allowed aspect.
    """
    area = torch.empty(count, ATTEMPTS).uniform_(*scale, generator=generator)
    aspect = torch.empty(count, ATTEMPTS).uniform_(*map(math.log, ratio), generator=generator).exp()
    width, height = (area * aspect).sqrt(), (area / aspect).sqrt()
    fits = (width <= 1 + 1e-6) & (height <= 1 + 1e-6)
    first = fits.float().argmax(1, keepdim=True)
    width, height = width.gather(1, first)[:, 0], height.gather(1, first)[:, 0]
    width, height = _fallback(width, height, fits.any(1))
    x, y = torch.rand(2, count, generator=generator)
    return torch.stack([width / 2 + x * (1 - width), height / 2 + y * (1 - height), width, height], 1)


def _fallback(width: Tensor, height: Tensor, fitted: Tensor) -> tuple[Tensor, Tensor]:
    longest = torch.maximum(width, height)
    shrink = torch.where(fitted, torch.ones_like(longest), 1 / longest)
    return (width * shrink).clamp(max=1), (height * shrink).clamp(max=1)


def _affine(boxes: Tensor, flips: Tensor) -> Tensor:
    """Affine matrices (B, 2, 3) in grid_sample's -1..1 coordinates."""
    x, y, width, height = boxes.unbind(1)
    sign = torch.where(flips, -1.0, 1.0)
    zero = torch.zeros_like(x)
    rows = [torch.stack([sign * width, zero, 2 * x - 1], 1), torch.stack([zero, height, 2 * y - 1], 1)]
    return torch.stack(rows, 1)
