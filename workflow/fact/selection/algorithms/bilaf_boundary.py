"""BiLAF's boundary images: one after the other, spread over a pseudo-class and over its opponents."""

import torch

from fact.selection.algorithms.tiles import tile_rows

FAR = 1e9 + 7  # the released code's distance to the opponent of a class that has none
TINY = 1e-300  # for 0 / 0


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
    """``count`` - 1 boundary rows of ``members`` (n, D), a class around row ``start``, and their scores.

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
    score, opponent = boundary_scores(members, inner, cores, own, strength, fixed_opponent)
    candidate = torch.ones(len(members), dtype=torch.bool)
    picks, scores = [start], []
    while len(picks) < count:
        candidate[_nearest(members, candidate, picks[-1], len(members) // count)] = False
        best = int(torch.where(candidate, score, torch.inf).argmin())
        picks.append(best)
        scores.append(score[best].item())
        rival = opponent[best].item()
        strength[rival] *= penalty
        stale = opponent == rival
        score[stale], opponent[stale] = boundary_scores(
            members[stale], inner[stale], cores, own, strength, fixed_opponent
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
    """Boundary scores (n,) of ``rows`` (n, D) and their opponents (n,); ``strength`` (K,) is penalty^t_l."""
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
    """The mean distance (n,) of each of ``members`` (n, D) to all of them, itself included."""
    tiles = members.split(tile_rows(len(members)))
    return torch.cat([torch.cdist(tile, members).mean(dim=1) for tile in tiles])


def _nearest(members: torch.Tensor, candidate: torch.Tensor, pick: int, count: int) -> torch.Tensor:
    """The ``count`` candidates nearest to the row ``pick``, itself first where it is one."""
    distance = torch.linalg.vector_norm(members - members[pick], dim=1)
    distance[pick] = -1  # before its copies
    return torch.where(candidate, distance, torch.inf).argsort(stable=True)[:count]
