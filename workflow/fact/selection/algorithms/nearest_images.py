"""From centroids to images: each centroid's nearest one, none twice."""

import numpy as np
import torch

from fact.selection.algorithms.tiles import tile_rows
from fact.selection.contract import Selection


def nearest_images(
    pool: torch.Tensor, centroids: torch.Tensor, labelled: np.ndarray | None = None
) -> Selection:
    """Return each centroid in turn takes its most similar image that none before it took, nor is in
    ``labelled``.

    ``pool`` (N, D) and ``centroids`` (budget, D) have unit rows; ``labelled`` are rows of the pool, and
    at least ``budget`` others are left. Scores are cosines; between equal ones the lowest row is taken.
    """
    taken = torch.as_tensor([] if labelled is None else labelled, dtype=torch.int64, device=pool.device)
    picks = torch.empty(len(centroids), dtype=torch.int64, device=pool.device)
    scores = torch.empty(len(centroids), dtype=pool.dtype, device=pool.device)
    rows = tile_rows(len(pool), pool.device)
    for start in range(0, len(centroids), rows):
        cosine = centroids[start : start + rows] @ pool.T
        cosine.index_fill_(1, torch.cat([taken, picks[:start]]), -torch.inf)
        for offset, similarity in enumerate(cosine):
            rank = start + offset
            scores[rank], picks[rank] = similarity.max(dim=0)
            # by a tensor of one row: a number would have to come from the device first
            cosine[offset:].index_fill_(1, picks[rank : rank + 1], -torch.inf)
    return Selection(picks.cpu().numpy(), scores.cpu().numpy().astype(np.float32))
