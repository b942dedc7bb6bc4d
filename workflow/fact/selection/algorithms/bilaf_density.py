"""BiLAF's denoising: a pseudo-class grows from its core by rings of its densest neighbours."""

import torch

from fact.selection.algorithms.tiles import tile_rows

FEWEST = 10  # smaller classes are not denoised


def dense_part(
    members: torch.Tensor, core: int, removed: float, ring: float, neighbours: int, as_released: bool = False
) -> torch.Tensor:
    """The rows of ``members`` (n, D) without the share ``removed`` that joins the core's cluster last.

    In joining order, the core first. Classes of fewer than 10 members are left as they are.
    """
    if len(members) < FEWEST:
        return torch.arange(len(members))
    order = joining_order(members, core, ring, neighbours, as_released)
    return order[: max(1, int(len(order) * (1 - removed)))]


def joining_order(
    members: torch.Tensor, core: int, ring: float, neighbours: int, as_released: bool = False
) -> torch.Tensor:
    """The rows of ``members`` (n, D) in the order in which they join the cluster around row ``core``: (n,).

    The first ring is the share ``ring`` of the rows nearest to the core, itself first. Each next one is as
    many of the others with the smallest mean distance to their nearest ``neighbours`` in the cluster. Between
    equal distances the lowest row joins first.

    ``as_released`` takes a cluster member's place in the cluster for its row, so that the distances averaged
    are those to other members, and drops the last ring where it is smaller than the others.
    """
    count = len(members)
    size = max(1, int(count * ring))
    distance = torch.linalg.vector_norm(members - members[core], dim=1)
    distance[core] = -1  # before its copies
    cluster = distance.argsort(stable=True)[:size]
    left = torch.ones(count, dtype=torch.bool)
    last = size * (count // size) if as_released else count
    while len(cluster) < last:
        left[cluster] = False
        rows = left.nonzero()[:, 0]
        means = [
            _mean_distance(torch.cdist(members[part], members), cluster, neighbours, as_released)
            for part in rows.split(tile_rows(count))
        ]
        cluster = torch.cat([cluster, rows[torch.cat(means).argsort(stable=True)[:size]]])
    return cluster


def _mean_distance(
    distance: torch.Tensor, cluster: torch.Tensor, neighbours: int, as_released: bool
) -> torch.Tensor:
    """Mean (m,) of the smallest of the distances (m, n) to the rows of ``cluster`` (c,), in its order."""
    if as_released:
        return distance.gather(1, distance[:, cluster].argsort(dim=1, stable=True)[:, :neighbours]).mean(
            dim=1
        )
    within = distance[:, cluster]
    return within.topk(min(neighbours, len(cluster)), dim=1, largest=False).values.mean(dim=1)
