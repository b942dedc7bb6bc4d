"""Random views of unlabelled images for contrastive pretraining, made in batches on the images' device.

No view is ever mirrored: a mirrored digit, letter or traffic sign is another one, or none.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from fact.infra.errors import ConfigError


@dataclass(frozen=True)
class ViewStrengths:
    """How strongly a view differs from its image; what is drawn lies between minus and plus a strength.

    ``rotation`` in degrees, ``scale`` a fraction of the size, ``shift`` a fraction of the side, ``shear`` a
    tangent, ``brightness`` added and ``contrast`` a fraction. ``noise`` is the sd of Gaussian noise. A
    strength of 0 leaves the images as they are.
    """

    rotation: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    shear: float = 0.0
    noise: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0


STRENGTHS = tuple(field.name for field in fields(ViewStrengths))


def read_strengths(settings: Mapping[str, float]) -> ViewStrengths:
    """Return the strengths of plain settings. Raises ConfigError for an unknown one, and a scale of 1."""
    if unknown := sorted(set(settings) - set(STRENGTHS)):
        raise ConfigError(f"augmentation: unknown strengths {unknown}; known are {list(STRENGTHS)}")
    strengths = ViewStrengths(**settings)
    if strengths.scale >= 1:
        raise ConfigError(f"augmentation.scale: {strengths.scale} leaves nothing to see; give less than 1")
    return strengths


def view_pairs(
    images: Tensor, batch_size: int, strengths: ViewStrengths, generator: Generator
) -> Iterator[Tensor]:
    """Yield two views of every image, in shuffled batches: (2B, 3, S, S), first views before second ones."""
    for batch in shuffled_batches(len(images), batch_size, generator):
        pixels = images[batch].float() / 255
        yield torch.cat([random_views(pixels, generator, strengths) for _ in range(2)])


def shuffled_batches(count: int, batch_size: int, generator: Generator) -> Sequence[Tensor]:
    """Return all indices below ``count`` in random order, in ⌈count / batch_size⌉ batches of nearly equal
    size.

    No image is left out, and a pool smaller than a batch is one batch.
    """
    order = torch.randperm(count, generator=generator, device=generator.device)
    return order.tensor_split(math.ceil(count / batch_size))


def random_views(pixels: Tensor, generator: Generator, strengths: ViewStrengths) -> Tensor:
    """Return one random view of each image of ``pixels``, float (B, C, S, S) in [0, 1]."""
    views = affine_views(pixels, generator, strengths)
    return tone_views(views, generator, strengths)


def affine_views(pixels: Tensor, generator: Generator, strengths: ViewStrengths) -> Tensor:
    """Move the content of each image of (B, C, S, S) by a random affine map; black comes in from outside."""
    count = len(pixels)
    matrices = affine_matrices(
        uniform((count,), math.radians(strengths.rotation), generator),
        1 + uniform((count,), strengths.scale, generator),
        shift=uniform((count, 2), strengths.shift, generator),
        shear=uniform((count,), strengths.shear, generator),
    )
    grid = F.affine_grid(matrices, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, align_corners=False)


def affine_matrices(angle: Tensor, scale: Tensor, shift: Tensor, shear: Tensor) -> Tensor:
    """Return matrices (B, 2, 3) from output to input coordinates, as ``affine_grid`` wants them.

    ``angle`` (B,) in radians, counter-clockwise; ``scale`` (B,), 2 shows the content twice as large;
    ``shift`` (B, 2) to the right and down, in fractions of the side; ``shear`` (B,), a tangent.
    """
    cos, sin = angle.cos(), angle.sin()
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    slant = torch.eye(2, dtype=shear.dtype, device=shear.device).repeat(len(shear), 1, 1)
    slant[:, 0, 1] = shear
    linear = rotation @ slant / scale.view(-1, 1, 1)
    return torch.cat([linear, -2 * linear @ shift.unsqueeze(2)], dim=2)


def tone_views(pixels: Tensor, generator: Generator, strengths: ViewStrengths) -> Tensor:
    """Change contrast about each image's mean, then brightness; add one draw of noise to all channels."""
    count, _, height, width = pixels.shape
    centre = pixels.mean(dim=(1, 2, 3), keepdim=True)
    factor = 1 + uniform((count, 1, 1, 1), strengths.contrast, generator)
    offset = uniform((count, 1, 1, 1), strengths.brightness, generator)
    grain = torch.randn((count, 1, height, width), generator=generator, device=generator.device)
    return centre + factor * (pixels - centre) + offset + strengths.noise * grain


def uniform(shape: tuple[int, ...], strength: float, generator: Generator) -> Tensor:
    """Return float32 draws from the interval of plus or minus ``strength``, on the generator's device."""
    return strength * (2 * torch.rand(shape, generator=generator, device=generator.device) - 1)
