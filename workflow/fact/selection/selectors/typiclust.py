"""TypiClust: the most typical image of each cluster, the largest uncovered cluster first.

Source: Hacohen, Dekel & Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low
Budgets", ICML 2022: typicality is the inverse mean Euclidean distance to the nearest neighbours. Clusters,
their sizes and their order follow the released code (github.com/avihu111/TypiClust), whose distances are
squared ones.
"""

import numpy as np
import torch

from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import unit_pool
from fact.selection.algorithms.typical import typical_rows
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
    device: str = "auto",
    labelled: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D), L2-normalised here; the score is the typicality.

    There are min(budget + labelled, ``max_clusters``) clusters. In turn, those with the fewest ``labelled``
    images first and of these the largest first, each gives the image with the highest typicality among its
    images not labelled or picked, over min(``neighbours``, half of them) neighbours. Rounds go on until the
    budget is met; clusters of 5 images or fewer come after all others. Time grows with the square of a
    cluster's size, not with its picks; memory does not. ``device`` is auto, cpu or cuda.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    check_positive("typiclust", neighbours=neighbours, max_clusters=max_clusters)
    pool = unit_pool(features, device)
    count = min(budget + len(labelled), max_clusters)
    owner = cluster(pool, count, seed, batch_size=BATCH if count > WHOLE_POOL_CLUSTERS else None).owner
    picks, scores = np.empty(budget, np.int64), np.empty(budget, np.float32)
    done = 0
    for large in (True, False):
        turns = clusters_in_turn(owner, labelled, large)
        order = rounds([len(rows) for rows in turns], budget - done)
        for number, rows in enumerate(turns):
            ranks = done + np.flatnonzero(order == number)
            members = pool[torch.from_numpy(rows).to(pool.device)]
            chosen, typical = typical_rows(members, len(ranks), neighbours)
            picks[ranks], scores[ranks] = rows[chosen], typical
        done += len(order)
    return Selection(picks, scores)


def rounds(sizes: list[int], budget: int) -> np.ndarray:
    """Return whose turn it is for each of at most ``budget`` picks: each cluster's once a round, while it has
    images.
    """
    turns = [(turn, number) for number, size in enumerate(sizes) for turn in range(min(size, budget))]
    return np.array([number for _, number in sorted(turns)[:budget]], np.int64)


def clusters_in_turn(owner: np.ndarray, labelled: np.ndarray, large: bool) -> list[np.ndarray]:
    """Return the rows not in ``labelled`` of each large, or each small, cluster: least labelled first, then
    largest.

    ``owner`` (N,) is each row's cluster. Of equal clusters the one with the lower number comes first.
    """
    size, covered = np.bincount(owner), np.bincount(owner[labelled], minlength=owner.max() + 1)
    order = np.lexsort((-size, covered))
    open_rows = np.where(np.isin(np.arange(len(owner)), labelled), -1, owner)
    wanted = [number for number in order if (size[number] > SMALL_CLUSTER) == large]
    rows = [np.flatnonzero(open_rows == number) for number in wanted]
    return [members for members in rows if len(members)]
