"""The pool's nearest row to each of many points, in passes over the pool that all points share."""

import torch

from fact.selection.algorithms.threads import workers
from fact.selection.algorithms.tiles import tile_rows

# points whose products with a part of the pool are taken together
POINTS, GPU_POINTS = 512, 8192


def nearest_rows(pool: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Return the row of ``pool`` (N, D) of the largest product with each of ``points`` (n, D), int64 (n,).

    Both are on one device. Of equal ones the lowest row is taken. Memory is that of tiles and of the result.
    """
    if pool.is_cuda:
        return torch.cat([_nearest(pool, part) for part in points.split(GPU_POINTS)])
    with workers() as executor:
        return torch.cat(list(executor.map(lambda part: _nearest(pool, part), points.split(POINTS))))


def _nearest(pool: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    best = points.new_full((len(points),), -torch.inf)
    row = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    size = tile_rows(len(points), pool.device)
    for start in range(0, len(pool), size):
        value, place = (points @ pool[start : start + size].T).max(dim=1)
        better = value > best
        best, row = torch.where(better, value, best), torch.where(better, place + start, row)
    return row
