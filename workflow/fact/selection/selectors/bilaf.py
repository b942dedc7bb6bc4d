"""BiLAF: core images by ActiveFT, then images on the boundaries between the cores' pseudo-classes.

Source: Lu et al., "Boundary Matters: A Bi-Level Active Finetuning Framework", NeurIPS 2024. The paper's
version is the default. The released code (github.com/Thinklab-SJTU/BiLAF) deviates from it, and so does
``as_released``: (a) features are not normalised, (b) the nearest members of a cluster are read at the wrong
places, (c) the last, smaller ring never joins, (d) an image's opponent stays the nearest core whatever its
penalty, (e) a class with more picks than images, or with none, breaks it, which is an error here. (f), that a
core is never removed, holds for both: it is the first to join its cluster.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.selection.algorithms.bilaf import boundary_picks, class_budgets, dense_part, distribute_budget
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.tiles import tile_rows
from fact.selection.contract import Selection, check_positive, check_request
from fact.selection.selectors import activeft

CORE_SCORE = 1.0  # the largest boundary score: as far from a boundary as can be


@dataclass(frozen=True)
class Parameters:
    """Core images are ActiveFT's, with its ``iterations`` and ``batch_size``.

    A ``core`` above the budget is cut to it, which leaves ActiveFT's picks. Each class starts from its core,
    loses the share ``removed`` of its images that join last in rings of the share ``ring`` by distance to
    ``neighbours``, and gets picks by what is left; if less is left than the budget, nothing is removed.
    ``penalty`` weakens an opponent for each boundary image taken at it.
    """

    core: int = 50
    neighbours: int = 10
    removed: float = 0.1
    ring: float = 0.1
    penalty: float = 1.1
    as_released: bool = False
    iterations: int = 300
    batch_size: int | None = None
    device: str = "auto"

    def check(self) -> None:
        """Raise ConfigError for parameters that make no sense."""
        check_positive(
            "bilaf", core=self.core, neighbours=self.neighbours, ring=self.ring, penalty=self.penalty
        )
        if not 0 <= self.removed < 1 or self.ring > 1:
            raise ConfigError(
                f"bilaf takes removed (is {self.removed}) from 0 to below 1 and ring (is {self.ring}) up to 1"
            )


def select(
    features: np.ndarray, budget: int, seed: int, *, labelled: np.ndarray | None = None, **params: Any
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D): ``core`` images, then boundary images class by class.

    ``params``: :class:`Parameters`. The score is a pick's boundary score, lower nearer to a boundary, and 1
    for a core. ``labelled`` images are core images too: ActiveFT adds to them up to ``core``. Time grows with
    the square of a class's size, memory does not.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled, own = check_request(features, budget, labelled), Parameters(**params)
    own.check()
    new = _more_cores(features, min(own.core - len(labelled), budget), seed, labelled=labelled, own=own)
    cores = np.concatenate([labelled, new])
    pool = torch.from_numpy(features.astype(np.float32) if own.as_released else unit_rows(features))
    classes = pseudo_classes(pool, cores)
    dense = [_dense_rows(pool, rows, core, own=own) for rows, core in zip(classes, cores, strict=True)]
    kept, shares = _kept_and_shares(classes, dense, budget + len(labelled), as_released=own.as_released)
    picks, scores = _boundary_images(pool, kept, cores, shares=shares, own=own)
    scores = np.concatenate([np.full(len(new), CORE_SCORE), scores])
    return Selection(np.concatenate([new, picks]), scores.astype(np.float32))


def pseudo_classes(pool: torch.Tensor, cores: np.ndarray) -> list[np.ndarray]:
    """Return the rows of ``pool`` (N, D) nearest to each row of ``cores``, ascending, itself among
    them.

    Between equally near cores the first gets the row.
    """
    points = pool[cores]
    half = points.square().sum(dim=1) / 2  # |x - c|^2 is least where x.c - |c|^2 / 2 is largest
    tiles = pool.split(tile_rows(len(cores)))
    owner = torch.cat([(tile @ points.T - half).argmax(dim=1) for tile in tiles]).numpy()
    owner[cores] = np.arange(len(cores))
    order = np.argsort(owner, kind="stable")
    return np.split(order, np.searchsorted(owner[order], np.arange(1, len(cores))))


def _more_cores(
    features: np.ndarray, count: int, seed: int, labelled: np.ndarray, own: Parameters
) -> np.ndarray:
    if count <= 0:
        return np.array([], np.int64)
    return activeft.select(
        features,
        count,
        seed,
        labelled=labelled,
        iterations=own.iterations,
        batch_size=own.batch_size,
        device=own.device,
    ).indices


def _dense_rows(pool: torch.Tensor, rows: np.ndarray, core: int, own: Parameters) -> np.ndarray:
    dense = dense_part(
        pool[rows].double(),
        _place(rows, core),
        removed=own.removed,
        ring=own.ring,
        neighbours=own.neighbours,
        as_released=own.as_released,
    )
    return rows[dense.numpy()]


def _kept_and_shares(
    classes: list[np.ndarray], dense: list[np.ndarray], total: int, as_released: bool
) -> tuple[list[np.ndarray], list[int]]:
    """Return the rows of each class to choose from, and how many, its core among them."""
    if as_released:
        shares = distribute_budget(total, [len(rows) for rows in dense])
        _check_shares(shares, dense)
        return dense, shares
    kept = dense if sum(map(len, dense)) >= total else classes
    return kept, class_budgets(total, [len(rows) for rows in kept])


def _boundary_images(
    pool: torch.Tensor,
    classes: list[np.ndarray],
    cores: np.ndarray,
    shares: list[int],
    own: Parameters,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the boundary rows of all classes, each class's share but its core, and their scores."""
    points = pool[cores].double()
    picks, scores = [np.array([], np.int64)], [np.array([])]
    for number, (rows, share) in enumerate(zip(classes, shares, strict=True)):
        members, start = pool[rows].double(), _place(rows, cores[number])
        chosen, values = boundary_picks(
            members,
            start,
            share,
            cores=points,
            own=number,
            penalty=own.penalty,
            fixed_opponent=own.as_released,
        )
        picks.append(rows[chosen])
        scores.append(np.array(values))
    return np.concatenate(picks), np.concatenate(scores)


def _check_shares(shares: list[int], classes: list[np.ndarray]) -> None:
    for share, rows in zip(shares, classes, strict=True):
        if not 1 <= share <= len(rows):
            raise ConfigError(
                f"bilaf's released code cannot take {share} of a class of {len(rows)} images; "
                "use as_released: false, fewer core images or another budget"
            )


def _place(rows: np.ndarray, row: int) -> int:
    return int(np.flatnonzero(rows == row)[0])
