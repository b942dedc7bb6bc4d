"""Random views of unlabelled images for contrastive pretraining, made in batches on the images' device.

No view is ever mirrored: a mirrored digit, letter or traffic sign is another one, or none.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

STRENGTHS = ("rotation", "scale", "shift", "shear", "noise", "brightness", "contrast")


def view_pairs(
    images: Tensor, batch_size: int, augmentation: Mapping[str, float], generator: Generator
) -> Iterator[Tensor]:
    """Two views of every image, in shuffled batches: (2B, 3, S, S), first views before second ones."""
    for batch in shuffled_batches(len(images), batch_size, generator):
        pixels = images[batch].float() / 255
        yield torch.cat([random_views(pixels, generator, **augmentation) for _ in range(2)])


def shuffled_batches(count: int, batch_size: int, generator: Generator) -> Sequence[Tensor]:
    """All indices below ``count`` in random order, in ⌈count / batch_size⌉ batches of nearly equal size.

    No image is left out, and a pool smaller than a batch is one batch.
    """
    order = torch.randperm(count, generator=generator, device=generator.device)
    return order.tensor_split(math.ceil(count / batch_size))


def random_views(
    pixels: Tensor,
    generator: Generator,
    *,
    rotation: float = 0.0,
    scale: float = 0.0,
    shift: float = 0.0,
    shear: float = 0.0,
    noise: float = 0.0,
    brightness: float = 0.0,
    contrast: float = 0.0,
) -> Tensor:
    """One random view of each image of ``pixels``, float (B, C, S, S) in [0, 1].

    Drawn uniformly between minus and plus: ``rotation`` (degrees), ``scale`` (fraction of the size),
    ``shift`` (fraction of the side), ``shear`` (tangent), ``brightness`` (added) and
    ``contrast`` (fraction). ``noise`` is the standard deviation of Gaussian noise. A strength of 0
    leaves the images as they are.
    """
    views = affine_views(pixels, generator, rotation, scale, shift, shear)
    return tone_views(views, generator, noise, brightness, contrast)


def affine_views(
    pixels: Tensor,
    generator: Generator,
    rotation: float,
    scale: float,
    shift: float,
    shear: float,
) -> Tensor:
    """Move the content of each image of (B, C, S, S) by a random affine map; black comes in from outside."""
    count = len(pixels)
    matrices = affine_matrices(
        uniform((count,), math.radians(rotation), generator),
        1 + uniform((count,), scale, generator),
        uniform((count, 2), shift, generator),
        uniform((count,), shear, generator),
    )
    grid = F.affine_grid(matrices, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, align_corners=False)


def affine_matrices(angle: Tensor, scale: Tensor, shift: Tensor, shear: Tensor) -> Tensor:
    """Matrices (B, 2, 3) from output to input coordinates, as ``affine_grid`` wants them.

    ``angle`` (B,) in radians, counter-clockwise; ``scale`` (B,), 2 shows the content twice as large;
    ``shift`` (B, 2) to the right and down, in fractions of the side; ``shear`` (B,), a tangent.
    """
    cos, sin = angle.cos(), angle.sin()
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    slant = torch.eye(2, dtype=shear.dtype, device=shear.device).repeat(len(shear), 1, 1)
    slant[:, 0, 1] = shear
    linear = rotation @ slant / scale.view(-1, 1, 1)
    return torch.cat([linear, -2 * linear @ shift.unsqueeze(2)], dim=2)


def tone_views(
    pixels: Tensor, generator: Generator, noise: float, brightness: float, contrast: float
) -> Tensor:
    """Change contrast about each image's mean, then brightness; add one draw of noise to all channels."""
    count, _, height, width = pixels.shape
    centre = pixels.mean(dim=(1, 2, 3), keepdim=True)
    factor = 1 + uniform((count, 1, 1, 1), contrast, generator)
    offset = uniform((count, 1, 1, 1), brightness, generator)
    grain = torch.randn((count, 1, height, width), generator=generator, device=generator.device)
    return centre + factor * (pixels - centre) + offset + noise * grain


def uniform(shape: tuple[int, ...], strength: float, generator: Generator) -> Tensor:
    """Float32 draws from the interval of plus or minus ``strength``, on the generator's device."""
    return strength * (2 * torch.rand(shape, generator=generator, device=generator.device) - 1)
