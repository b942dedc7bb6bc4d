"""ProbCover: greedily cover as many images as possible by balls of one radius.

Source: Yehuda, Dekel, Hacohen & Weinshall, "Active Learning Through a Covering Lens", NeurIPS 2022,
Algorithm 1; the radius is the largest whose balls are pure in a K-Means clustering. It is the generalised
coverage (see ``coverage``) of the kernel that is 1 within the radius and 0 beyond.
"""

import logging
import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from fact.infra.errors import ConfigError
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.coverage import greedy_cover
from fact.selection.algorithms.draw import random_rows
from fact.selection.algorithms.pool import unit_pool
from fact.selection.algorithms.tiles import tile_rows
from fact.selection.contract import Selection, check_positive, check_request

log = logging.getLogger(__name__)

MAX_CLUSTERS = 500
BELOW = 1 - 1e-5  # rounding must not decide whether the image at the radius is in the ball
COPY = 1 - 1e-6  # cosines above are those of copies, which every ball holds


@dataclass(frozen=True)
class Parameters:
    """A row covers those at a distance below ``delta``, between L2-normalised features.

    None chooses it by ``choose_delta``, with as many clusters as there are picks and labelled images, from 2
    to 500, unless ``clusters`` are given. ``device`` is auto, cpu or cuda.
    """

    delta: float | None = None
    purity: float = 0.95
    clusters: int | None = None
    purity_sample: int = 5000
    device: str = "auto"


def select(
    features: np.ndarray, budget: int, seed: int, *, labelled: np.ndarray | None = None, **params: Any
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D); the score is the share of the pool that it newly covers.

    ``params``: :class:`Parameters`. ``labelled`` rows' balls are covered from the start. Once everything is
    covered, the images farthest from all picks follow, with score 0. No graph is stored: time grows with N^2,
    memory with N.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled, own = check_request(features, budget, labelled), Parameters(**params)
    delta = own.delta
    check_positive("probcover", delta=1 if delta is None else delta, purity_sample=own.purity_sample)
    if not 0 < own.purity <= 1:
        raise ConfigError(f"probcover parameter purity is {own.purity}; it must be above 0 and at most 1")
    pool = unit_pool(features, own.device)
    if delta is None:
        count = min(budget + len(labelled), MAX_CLUSTERS) if own.clusters is None else own.clusters
        delta = choose_delta(pool, max(count, 2), own.purity, sample=own.purity_sample, seed=seed)
    picks, gains = greedy_cover(pool, partial(within, delta), budget, labelled=labelled)
    return Selection(picks, gains.astype(np.float32))


def within(delta: float, cosine: torch.Tensor) -> torch.Tensor:
    """Return 1 for unit vectors nearer than ``delta``, and for copies; 0 elsewhere.

    In ``cosine``'s memory.
    """
    return cosine.gt_(min(1 - delta**2 / 2, COPY))


def choose_delta(pool: torch.Tensor, clusters: int, purity: float, sample: int, seed: int) -> float:
    """Return the largest radius for which the share ``purity`` of the balls lie each within one K-Means
    cluster.

    The paper takes as many ``clusters`` as there are classes. The share is that of ``sample`` random rows of
    ``pool`` (N, D), or of all where they are fewer.
    """
    owner = cluster(pool, min(clusters, len(pool)), seed).owner
    rows = random_rows(len(pool), sample, seed, labelled=np.array([], np.int64))
    delta = pure_radius(pool, torch.from_numpy(owner).to(pool.device), torch.from_numpy(rows), purity=purity)
    log.info("ProbCover: delta %.4f at purity %g in %d clusters", delta, purity, clusters)
    return delta


def pure_radius(pool: torch.Tensor, owner: torch.Tensor, rows: torch.Tensor, purity: float) -> float:
    """Return the largest radius of balls around ``rows`` (n,) of which the share ``purity`` is pure.

    ``owner`` (N,) is the cluster of each row of ``pool`` (N, D). An open ball is pure up to the nearest image
    of another cluster, so the radius is a quantile of these distances; 2, the diameter, for one cluster.
    """
    parts = rows.to(pool.device).split(tile_rows(len(pool), pool.device))
    nearest = torch.cat([_nearest_stranger(pool, owner, part) for part in parts])
    impure = math.floor((1 - purity) * len(nearest) + 1e-9)  # so many balls may be
    cosine = nearest.sort(descending=True).values[impure].item()
    return math.sqrt(max(2 - 2 * cosine, 0)) * BELOW


def _nearest_stranger(pool: torch.Tensor, owner: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return the cosine (n,) of each of ``rows`` to the nearest image of another cluster; -1 without any."""
    cosine = pool[rows] @ pool.T
    return cosine.masked_fill_(owner[rows, None] == owner, -1).amax(dim=1)
