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
from fact.training.sized_images import SizedImages

ATTEMPTS = 10
# larger images at once, which bounds the memory of their weights
BLOCK = 64


def augment_images(images: Tensor | SizedImages, settings: Augmentation, generator: Generator) -> Tensor:
    """Augment images (B, 3, S, S) in 0..255, or larger ones; returns float32 (B, 3, S, S)."""
    boxes = crop_boxes(len(images), settings.crop_scale, ratio=settings.crop_ratio, generator=generator)
    flips = torch.rand(len(images), generator=generator) < settings.flip
    if isinstance(images, SizedImages):
        return crop_larger(images, boxes, flips=flips, interpolation=settings.interpolation)
    grid = F.affine_grid(send(_affine(boxes, flips), images.device), list(images.shape), align_corners=False)
    # border: bicubic taps and rounding at the edge must not mix in black
    sampled = F.grid_sample(
        images.float(), grid, mode=settings.interpolation, padding_mode="border", align_corners=False
    )
    return sampled.clamp_(0, 255)


def crop_larger(images: SizedImages, boxes: Tensor, flips: Tensor, interpolation: str) -> Tensor:
    """Return crops (B, 3, S, S) of larger images, antialiased where they shrink; float32 in 0..255.

    As Pillow resamples: each row and column of a crop is a weighted sum of the image's own, the kernel as
    wide as a pixel of the crop, and what lies outside of the image counts nothing.
    """
    own, flips = send(boxes, images.device), send(flips, images.device)
    parts = []
    for start in range(0, len(images), BLOCK):
        rows = slice(start, start + BLOCK)
        pixels, sizes, box = images.pixels[rows], images.sizes[rows], own[rows]
        across, down = (
            _weights(
                box[:, axis],
                box[:, 2 + axis],
                sizes[:, axis],
                length=pixels.shape[3 - axis],
                side=images.side,
                interpolation=interpolation,
            )
            for axis in (0, 1)
        )
        across = torch.where(flips[rows, None, None], across.flip(1), across)
        parts.append(down[:, None] @ (pixels.float() @ across.mT[:, None]))
    return torch.cat(parts).clamp_(0, 255)


def _weights(
    centre: Tensor, share: Tensor, size: Tensor, length: int, side: int, interpolation: str
) -> Tensor:
    """Return weights (B, side, length) of an axis, of crops at ``centre`` with a ``share`` of ``size``."""
    step = (share * size / side)[:, None, None]
    middle = (centre * size)[:, None, None]
    places = torch.arange(side, device=size.device)[:, None] + 0.5 - side / 2
    pixels = torch.arange(length, device=size.device)
    distance = ((pixels + 0.5 - (middle + places * step)) / step.clamp(min=1)).abs()
    kernel = KERNELS[interpolation](distance) * (pixels < size[:, None, None])
    return kernel / kernel.sum(-1, keepdim=True)


def _box(distance: Tensor) -> Tensor:
    return (distance <= 0.5).float()


def _triangle(distance: Tensor) -> Tensor:
    return (1 - distance).clamp(min=0)


def _cubic(distance: Tensor) -> Tensor:
    """Return Keys' cubic with a = -1/2, Pillow's bicubic filter, of distances >= 0."""
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((2.5 - 0.5 * distance) * distance - 4) * distance + 2
    return torch.where(distance < 1, near, torch.where(distance < 2, far, torch.zeros_like(distance)))


KERNELS = {"nearest": _box, "bilinear": _triangle, "bicubic": _cubic}


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
