"""Rows far from each other: k-means++, several at a time."""

import numpy as np
import torch

from fact.selection.algorithms.threads import workers

TILE = 4096
# of the rows drawn so far, the share that is drawn before distances are taken again
AHEAD = 16


def spread_rows(pool: torch.Tensor, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return ``count`` rows of ``pool`` (N, D), on the CPU, far from each other: k-means++, int64 (count,).

    Source: Arthur & Vassilvitskii, SODA 2007: each row is drawn with the probability of its squared distance
    to those drawn before. Several are drawn from the distances so far, and each is kept with the share of its
    distance that those kept before it have left: the distribution is that of one draw after another, and
    distances to all rows are taken for many of them in one product. Where nothing but copies is left, any
    rows follow.
    """
    length = pool.square().sum(dim=1)
    squared, rows = np.ones(len(pool), np.float32), np.empty(0, np.int64)
    with workers() as executor:
        while len(rows) < count:
            mass = np.cumsum(squared, dtype=np.float64)
            if mass[-1] == 0:
                return np.concatenate([rows, generator.integers(len(pool), size=count - len(rows))])
            drawn = generator.random(min(int(len(rows) // AHEAD) + 1, count - len(rows))) * mass[-1]
            drawn = np.minimum(np.searchsorted(mass, drawn, side="right"), len(pool) - 1)
            kept = drawn if len(rows) == 0 else drawn[_kept(pool[drawn], squared[drawn], generator)]
            points, half = pool[kept], length[kept] / 2

            def away(start: int, points: torch.Tensor = points, half: torch.Tensor = half) -> np.ndarray:
                near = torch.addmm(-half, pool[start : start + TILE], points.T).amax(dim=1)
                return (length[start : start + TILE] - 2 * near).clamp_(min=0).numpy()

            nearest = np.concatenate(list(executor.map(away, range(0, len(pool), TILE))))
            nearest[kept] = 0
            squared = nearest if len(rows) == 0 else np.minimum(squared, nearest)
            rows = np.concatenate([rows, kept])
    return rows


def _kept(points: torch.Tensor, squared: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the positions (m,) of the drawn ``points`` (n, D) that are kept, the first among them.

    ``squared`` (n,): their squared distances to the rows kept before all of them.
    """
    between = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist").square_().numpy()
    left, kept = squared.copy(), []
    for position, chance in enumerate(generator.random(len(points))):
        if position == 0 or chance * squared[position] < left[position]:
            kept.append(position)
            left = np.minimum(left, between[position])
    return np.array(kept, np.int64)
