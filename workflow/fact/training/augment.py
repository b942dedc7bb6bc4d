"""Augment training images in batches on the device: random resized crop and horizontal flip.

One affine grid and one resampling for the whole batch replace a data loader: the labelled set is small
and stays decoded in memory.
"""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from fact.device import send
from fact.training.settings import Augmentation

ATTEMPTS = 10


def augment_images(images: Tensor, settings: Augmentation, generator: Generator) -> Tensor:
    """Augment images (B, 3, S, S) in 0..255; returns float32 of the same shape."""
    boxes = crop_boxes(len(images), settings.crop_scale, ratio=settings.crop_ratio, generator=generator)
    flips = torch.rand(len(images), generator=generator) < settings.flip
    grid = F.affine_grid(send(_affine(boxes, flips), images.device), list(images.shape), align_corners=False)
    # border: bicubic taps and rounding at the edge must not mix in black
    sampled = F.grid_sample(
        images.float(), grid, mode=settings.interpolation, padding_mode="border", align_corners=False
    )
    return sampled.clamp_(0, 255)


def crop_boxes(
    count: int, scale: tuple[float, float], ratio: tuple[float, float], generator: Generator
) -> Tensor:
    """Return boxes (count, 4) as centre x, centre y, width, height in fractions of a square image.

    As torchvision's RandomResizedCrop draws them, but not rounded to whole pixels: area uniform in ``scale``,
    log aspect uniform in ``ratio``, up to ten attempts to fit inside the image, else the largest centred box
    whose aspect is allowed.
    """
    area = torch.empty(count, ATTEMPTS).uniform_(*scale, generator=generator)
    aspect = torch.empty(count, ATTEMPTS).uniform_(*map(math.log, ratio), generator=generator).exp()
    width, height = (area * aspect).sqrt(), (area / aspect).sqrt()
    fits = (width <= 1 + 1e-6) & (height <= 1 + 1e-6)
    first = fits.float().argmax(1, keepdim=True)
    sides = torch.cat([width.gather(1, first), height.gather(1, first)], 1).clamp(max=1)
    centres = sides / 2 + torch.rand(count, 2, generator=generator) * (1 - sides)
    fallback = torch.tensor([0.5, 0.5, *_largest_sides(ratio)])
    return torch.where(fits.any(1, keepdim=True), torch.cat([centres, sides], 1), fallback)


def _largest_sides(ratio: tuple[float, float]) -> tuple[float, float]:
    """Return width and height of the largest box in a square image whose aspect lies in ``ratio``."""
    aspect = min(max(1.0, ratio[0]), ratio[1])
    return min(aspect, 1.0), min(1 / aspect, 1.0)


def _affine(boxes: Tensor, flips: Tensor) -> Tensor:
    """Return affine matrices (B, 2, 3) in grid_sample's -1..1 coordinates."""
    x, y, width, height = boxes.unbind(1)
    sign = torch.where(flips, -1.0, 1.0)
    zero = torch.zeros_like(x)
    rows = [torch.stack([sign * width, zero, 2 * x - 1], 1), torch.stack([zero, height, 2 * y - 1], 1)]
    return torch.stack(rows, 1)
