"""Geometry on the grid of tokens: resampling by an affine map, and keeping some tokens."""

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

# magnitudes at strength 1, those of AutoAugment (Cubuk et al., CVPR 2019): radians, cells for each cell from
# the middle, and a share of the map
MAX_ANGLE = torch.pi / 6
MAX_SHEAR = 0.3
MAX_SHIFT = 0.45


def resample(x: Tensor, matrix: Tensor) -> Tensor:
    """Return ``x (n, H, W, C)`` read at where ``matrix (n, 2, 3)`` puts each cell, bilinearly.

    Coordinates are (column, row), -1..1 from edge to edge. Beyond an edge its cells are repeated: any
    other filling would be a token that the backbone never gave.
    """
    image = x.permute(0, 3, 1, 2)
    grid = affine_grid(matrix.to(x), list(image.shape), align_corners=False)
    read = grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=False)
    # weights may sum to a little more than 1
    return read.permute(0, 2, 3, 1).clamp(0, 1)


def affine(entries: tuple[Tensor | float, ...], like: Tensor) -> Tensor:
    """Return matrices ``(n, 2, 3)`` of six entries, row by row, each a number or ``(n,)`` as ``like`` is."""
    columns = [
        torch.as_tensor(entry, dtype=like.dtype, device=like.device).expand(len(like)) for entry in entries
    ]
    return torch.stack(columns, dim=1).view(-1, 2, 3)


def window(x: Tensor, width: Tensor, height: Tensor, u: Tensor) -> Tensor:
    """Return a window of each map, stretched to the whole; ``width`` and ``height (n,)`` are shares of it.

    ``u (n, 2)`` in -1..1 places it, from edge to edge.
    """
    column, row = u[:, 0] * (1 - width), u[:, 1] * (1 - height)
    return resample(x, affine((width, 0.0, column, 0.0, height, row), width))


def refill(x: Tensor, keep: Tensor) -> Tensor:
    """Return ``x (n, H, W, C)`` with the tokens not in ``keep (n, H, W)`` replaced by repeats of those in it.

    A map cannot lose cells, and heads that pool see no positions: repeats come as near to fewer tokens as
    can be. Kept tokens are repeated equally often, or once more. Every image must keep one.
    """
    flat, kept = x.flatten(1, 2), keep.flatten(1)
    order = kept.int().argsort(dim=1, descending=True, stable=True)
    position = torch.arange(order.shape[1], device=x.device) % kept.sum(1, keepdim=True)
    source = torch.empty_like(order).scatter(1, order, order.gather(1, position))
    return flat.gather(1, source[..., None].expand_as(flat)).view_as(x)
