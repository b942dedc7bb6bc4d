"""BiLAF's parts: denoised pseudo-classes, their shares of the budget, and images on their boundaries."""

import numpy as np
import torch

from fact.selection.algorithms.tiles import tile_rows

FEWEST = 10  # smaller classes are not denoised
FAR = 1e9 + 7  # the released code's distance to the opponent of a class that has none
TINY = 1e-300  # for 0 / 0


def dense_part(
    members: torch.Tensor, core: int, removed: float, ring: float, neighbours: int, as_released: bool = False
) -> torch.Tensor:
    """Return the rows of ``members`` (n, D) without the share ``removed`` that joins the core's cluster last.

    In joining order, the core first. Classes of fewer than 10 members are left as they are.
    """
    if len(members) < FEWEST:
        return torch.arange(len(members))
    order = joining_order(members, core, ring, neighbours=neighbours, as_released=as_released)
    return order[: max(1, int(len(order) * (1 - removed)))]


def joining_order(
    members: torch.Tensor, core: int, ring: float, neighbours: int, as_released: bool = False
) -> torch.Tensor:
    """Return the rows of ``members`` (n, D) in the order in which they join the cluster around row ``core``:
    (n,).

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
            _mean_to_nearest(
                torch.cdist(members[part], members), cluster, neighbours, as_released=as_released
            )
            for part in rows.split(tile_rows(count))
        ]
        cluster = torch.cat([cluster, rows[torch.cat(means).argsort(stable=True)[:size]]])
    return cluster


def _mean_to_nearest(
    distance: torch.Tensor, cluster: torch.Tensor, neighbours: int, as_released: bool
) -> torch.Tensor:
    """Return mean (m,) of the smallest of the distances (m, n) to the rows of ``cluster`` (c,), in its
    order.
    """
    if as_released:
        return distance.gather(1, distance[:, cluster].argsort(dim=1, stable=True)[:, :neighbours]).mean(
            dim=1
        )
    within = distance[:, cluster]
    return within.topk(min(neighbours, len(cluster)), dim=1, largest=False).values.mean(dim=1)


def distribute_budget(budget: int, sizes: list[int]) -> list[int]:
    """Return shares in proportion to ``sizes``, rounded down; what remains goes one by one to the smallest
    share.

    As in BiLAF's released code; between equal shares the class with the largest size comes first, and of
    equal ones the first. A share may be 0, or exceed its size.
    """
    shares = np.floor(np.array(sizes) / sum(sizes) * budget).astype(int)
    order = np.argsort(-np.array(sizes), kind="stable")
    for _ in range(budget - shares.sum()):
        shares[order[shares[order].argmin()]] += 1
    return shares.tolist()


def class_budgets(budget: int, sizes: list[int]) -> list[int]:
    """Return ``distribute_budget`` with at least 1, for the core, and at most the size for each class.

    ``budget`` is between the number of classes and the sum of ``sizes``. What a class cannot take goes to the
    smallest share that has room; what a class lacks comes from the largest share.
    """
    capacity = np.array(sizes)
    shares = np.clip(distribute_budget(budget, sizes), 1, capacity)
    order = np.argsort(-capacity, kind="stable")
    while shares.sum() < budget:
        room = order[shares[order] < capacity[order]]
        shares[room[shares[room].argmin()]] += 1
    while shares.sum() > budget:
        shares[order[shares[order].argmax()]] -= 1
    return shares.tolist()


def boundary_picks(
    members: torch.Tensor,
    start: int,
    count: int,
    cores: torch.Tensor,
    own: int,
    penalty: float,
    *,
    fixed_opponent: bool,
) -> tuple[list[int], list[float]]:
    """Return ``count`` - 1 boundary rows of ``members`` (n, D), a class around row ``start``, and their
    scores.

    ``cores`` (K, D) are all core images, of which ``own`` is the class's. Before each pick, the n // count
    candidates nearest to the pick before it (to the core at first) are struck off, itself included; then the
    candidate with the lowest boundary score (NeurIPS 2024, Eq. 7),

        min over opponents l of (penalty^t_l D(x, c_l) - d(x)) / max(D(x, c_l), d(x)),

    is taken, where d(x) is the mean distance to all members, x included, and t_l the number of rows taken so
    far with the opponent l. ``fixed_opponent`` takes for l the nearest other core. A copy of another core in
    a class of copies scores 0. Between equal scores the lowest row is taken.
    Raises ValueError for more picks than members.
    """
    if count > len(members):
        raise ValueError(f"{count} picks were asked of a class of {len(members)} images")
    inner = mean_distance(members)
    strength = torch.ones(len(cores), dtype=members.dtype)
    score, opponent = boundary_scores(
        members, inner, cores, own=own, strength=strength, fixed_opponent=fixed_opponent
    )
    candidate = torch.ones(len(members), dtype=torch.bool)
    picks: list[int] = [start]
    scores: list[float] = []
    while len(picks) < count:
        candidate[_nearest(members, candidate, picks[-1], count=len(members) // count)] = False
        best = int(torch.where(candidate, score, torch.inf).argmin())
        picks.append(best)
        scores.append(score[best].item())
        rival = int(opponent[best])
        strength[rival] *= penalty
        stale = opponent == rival
        score[stale], opponent[stale] = boundary_scores(
            members[stale], inner[stale], cores, own=own, strength=strength, fixed_opponent=fixed_opponent
        )
    return picks[1:], scores


def boundary_scores(
    rows: torch.Tensor,
    inner: torch.Tensor,
    cores: torch.Tensor,
    own: int,
    strength: torch.Tensor,
    fixed_opponent: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return boundary scores (n,) of ``rows`` (n, D) and their opponents (n,).

    ``strength`` (K,) is penalty^t_l.
    """
    parts = []
    for part, within in zip(*(tensor.split(tile_rows(len(cores))) for tensor in (rows, inner)), strict=True):
        outer = torch.cdist(part, cores)
        outer[:, own] = FAR
        longest = torch.maximum(outer, within[:, None]).clamp_(min=TINY)
        score = (strength * outer - within[:, None]) / longest
        if len(cores) > 1:
            score[:, own] = torch.inf
        opponent = (outer if fixed_opponent else score).argmin(dim=1)
        parts.append((score.gather(1, opponent[:, None])[:, 0], opponent))
    scores, opponents = zip(*parts, strict=True)
    return torch.cat(scores), torch.cat(opponents)


def mean_distance(members: torch.Tensor) -> torch.Tensor:
    """Return the mean distance (n,) of each of ``members`` (n, D) to all of them, itself included."""
    tiles = members.split(tile_rows(len(members)))
    return torch.cat([torch.cdist(tile, members).mean(dim=1) for tile in tiles])


def _nearest(members: torch.Tensor, candidate: torch.Tensor, pick: int, count: int) -> torch.Tensor:
    """Return the ``count`` candidates nearest to the row ``pick``, itself first where it is one."""
    distance = torch.linalg.vector_norm(members - members[pick], dim=1)
    distance[pick] = -1  # before its copies
    return torch.where(candidate, distance, torch.inf).argsort(stable=True)[:count]
