"""Training crops of an image and its mask: random scale, place and flip, in one resampling."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from fact.data.masks import IGNORE
from fact.tasks.segmentation.settings import Crops

ATTEMPTS = 10


class Example(NamedTuple):
    """An image uint8 (3, H, W) and its mask uint8 (H, W), on one device."""

    image: Tensor
    mask: Tensor


class Crop(NamedTuple):
    """``image`` float32 (3, S, S) in 0..255, ``mask`` int64 (S, S), ``inside`` bool (S, S): not padding."""

    image: Tensor
    mask: Tensor
    inside: Tensor


def random_crop(example: Example, crops: Crops, generator: Generator) -> Crop:
    """Return a crop of the example at a random scale, flipped or not.

    A place where one class has more than ``max_share`` of the labelled pixels is drawn again, up to ten
    times. What lies beyond a small image is padding at its right and bottom, ignored in the mask.
    """
    settings, side = crops.augmentation, crops.crop_size
    height, width = example.mask.shape
    factor = float(torch.empty(1).uniform_(*settings.scale, generator=generator))
    flip = bool(torch.rand(1, generator=generator) < settings.flip)
    room = [max(0.0, size * factor - side) for size in (height, width)]
    for _ in range(ATTEMPTS):
        top, left = (float(torch.rand(1, generator=generator)) * space for space in room)
        grid, inside = _sampling(example, side, factor, top=top, left=left, flip=flip)
        mask = _sampled_mask(example.mask, grid, inside)
        if _largest_share(mask) <= settings.max_share:
            break
    image = F.grid_sample(
        example.image[None].float(), grid[None], mode="bilinear", padding_mode="border", align_corners=False
    )[0]
    return Crop(image, mask, inside)


def _sampling(
    example: Example, side: int, factor: float, top: float, left: float, flip: bool
) -> tuple[Tensor, Tensor]:
    """Return where each pixel of a crop lies in the image (grid_sample's -1..1), and whether inside it."""
    device = example.mask.device
    height, width = example.mask.shape
    steps = torch.arange(side, device=device) + 0.5
    y, x = 2 * (steps + top) / (factor * height) - 1, 2 * (steps + left) / (factor * width) - 1
    x = x.flip(0) if flip else x
    grid = torch.stack([x.expand(side, side), y[:, None].expand(side, side)], -1)
    return grid, (grid.abs() <= 1).all(-1)


def _sampled_mask(mask: Tensor, grid: Tensor, inside: Tensor) -> Tensor:
    # class numbers are below 256, which float32 holds exactly
    values = F.grid_sample(
        mask[None, None].float(), grid[None], mode="nearest", padding_mode="border", align_corners=False
    )[0, 0].long()
    return torch.where(inside, values, IGNORE)


def _largest_share(mask: Tensor) -> float:
    counts = torch.bincount(mask[mask != IGNORE])
    return float(counts.max() / counts.sum()) if counts.numel() else 0.0
