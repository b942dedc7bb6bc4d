"""K-Means: cluster the pool and label the image nearest to each centre.

A baseline of ActiveFT's and BiLAF's tables (CVPR 2023, NeurIPS 2024), which do not say more about it.
"""

import numpy as np
import torch

from fact.selection.algorithms.clustering import Clusters, cluster
from fact.selection.algorithms.nearest_images import nearest_images
from fact.selection.algorithms.pool import unit_pool, unit_rows
from fact.selection.contract import Selection, check_positive, check_request


def select(
    features: np.ndarray,
    budget: int,
    seed: int,
    *,
    iterations: int = 100,
    batch_size: int | None = None,
    device: str = "auto",
    labelled: np.ndarray | None = None,
) -> Selection:
    """Pick ``budget`` rows of ``features`` (N, D): the images nearest to the centres of as many clusters.

    Features are L2-normalised. The largest cluster's pick comes first; the score is the cosine of pick and
    centre. Where distinct images are fewer than clusters, the surplus centres lie on images, and each takes
    the nearest image that is left, so that copies are picked. With ``labelled`` rows there are as many
    clusters more, and the picks are of the largest clusters without a labelled image. ``batch_size`` is for
    pools too large for whole iterations. ``device`` is auto, cpu or cuda.
    Raises ConfigError for a budget, features or parameters that make no sense.
    """
    labelled = check_request(features, budget, labelled)
    check_positive("kmeans", iterations=iterations, batch_size=1 if batch_size is None else batch_size)
    pool = unit_pool(features, device)
    clusters = cluster(pool, budget + len(labelled), seed, iterations=iterations, batch_size=batch_size)
    centres = clusters.centres[uncovered(clusters, labelled)[:budget]]
    return nearest_images(pool, torch.from_numpy(unit_rows(centres)).to(pool.device), labelled)


def uncovered(clusters: Clusters, labelled: np.ndarray) -> np.ndarray:
    """Return the numbers of the clusters without a ``labelled`` image, largest first, of equal ones the
    first.
    """
    size = np.bincount(clusters.owner, minlength=len(clusters.centres))
    size[clusters.owner[labelled]] = -1
    return np.argsort(-size, kind="stable")[: np.count_nonzero(size >= 0)]
