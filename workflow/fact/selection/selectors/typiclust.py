"""TypiClust: the most typical image of each cluster, the largest uncovered cluster first.

Source: Hacohen, Dekel & Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low
Budgets", ICML 2022: typicality is the inverse mean Euclidean distance to the nearest neighbours. Clusters,
their sizes and their order follow the released code (github.com/avihu111/TypiClust), whose distances are
squared ones.
"""

import numpy as np
import torch

from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.tiles import tile_rows
from fact.selection.contract import Selection, check_positive, check_request

# above this many clusters, K-Means works on random images, so many at a time
WHOLE_POOL_CLUSTERS, BATCH = 50, 5000
SMALL_CLUSTER = 5  # clusters of so many images or fewer wait until no other has images left


def select(
    features: np.ndarray,
    budget: int,
    seed: int,
    *,
    neighbours: int = 20,
    max_clusters: int = 500,
    labelled: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D), L2-normalised here; the score is the typicality.

    There are min(budget + labelled, ``max_clusters``) clusters. In turn, those with the fewest ``labelled``
    images first and of these the largest first, each gives the image with the highest typicality among its
    images not labelled or picked, over min(``neighbours``, half of them) neighbours. Rounds go on until the
    budget is met; clusters of 5 images or fewer come after all others. Time grows with the square of a
    cluster's size, memory does not.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    check_positive("typiclust", neighbours=neighbours, max_clusters=max_clusters)
    pool = unit_rows(features)
    count = min(budget + len(labelled), max_clusters)
    owner = cluster(pool, count, seed, batch_size=BATCH if count > WHOLE_POOL_CLUSTERS else None).owner
    picks: list[int] = []
    scores: list[float] = []
    for large in (True, False):
        turns = clusters_in_turn(owner, labelled, large)
        while turns and len(picks) < budget:
            for rows in turns[: budget - len(picks)]:
                typical = typicality(torch.from_numpy(pool[rows]), neighbours)
                best = int(typical.argmax())
                scores.append(float(typical[best]))
                picks.append(rows.pop(best))
            turns = [rows for rows in turns if rows]
    return Selection(np.array(picks, np.int64), np.array(scores, np.float32))


def clusters_in_turn(owner: np.ndarray, labelled: np.ndarray, large: bool) -> list[list[int]]:
    """Return the rows not in ``labelled`` of each large, or each small, cluster: least labelled first, then
    largest.

    ``owner`` (N,) is each row's cluster. Of equal clusters the one with the lower number comes first.
    """
    size, covered = np.bincount(owner), np.bincount(owner[labelled], minlength=owner.max() + 1)
    order = np.lexsort((-size, covered))
    open_rows = np.where(np.isin(np.arange(len(owner)), labelled), -1, owner)
    wanted = [number for number in order if (size[number] > SMALL_CLUSTER) == large]
    rows = [np.flatnonzero(open_rows == number).tolist() for number in wanted]
    return [members for members in rows if members]


def typicality(rows: torch.Tensor, neighbours: int) -> torch.Tensor:
    """Return 1 / (mean distance to the nearest neighbours + 1e-5) of each of the unit ``rows`` (n, D): (n,).

    Neighbours are found by products and their distances taken from differences: exactly 0 between copies.
    A row alone has typicality 0.
    """
    count = min(neighbours, len(rows) // 2)
    if count == 0:
        return rows.new_zeros(len(rows))
    size = min(512, tile_rows(len(rows)))  # rows whose neighbours are held at once
    return torch.cat([_typicality(rows, start, size, count=count) for start in range(0, len(rows), size)])


def _typicality(rows: torch.Tensor, start: int, size: int, count: int) -> torch.Tensor:
    tile = rows[start : start + size]
    cosine = tile @ rows.T
    cosine[:, start : start + size].fill_diagonal_(-torch.inf)
    nearest = rows[cosine.topk(count, dim=1).indices]
    distances = (nearest - tile[:, None]).norm(dim=2).sort(dim=1).values  # sorted: copies get equal means
    return 1 / (distances.mean(dim=1) + 1e-5)
