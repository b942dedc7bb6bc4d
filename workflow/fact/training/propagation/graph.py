"""The graph of a pool: images joined to their nearest neighbours, and labels spread along it.

Zhou et al., "Learning with Local and Global Consistency", NeurIPS 2003; on features of deep networks as in
Iscen et al., "Label Propagation for Deep Semi-supervised Learning", CVPR 2019.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from fact.training.propagation.neighbours import Neighbours

# classes that are spread at a time: rows of a few cache lines
COLUMNS = 32
# where spreading ends: the residual, of the right-hand side
TOLERANCE = 1e-5
MOST_STEPS = 500


def affinity(neighbours: Neighbours, temperature: float) -> csr_array:
    """Return the symmetric graph (N, N), float32, normalised by the degrees of its nodes: D^-½ W D^-½.

    An edge weighs exp((cosine − 1) / ``temperature``), and joins two images if either is near the other.
    """
    count, width = neighbours.rows.shape
    found = neighbours.rows >= 0
    starts = np.repeat(np.arange(count), width).reshape(count, width)[found]
    weights = np.exp((neighbours.cosines[found] - 1) / temperature).astype(np.float32)
    one_way = csr_array((weights, (starts, neighbours.rows[found])), shape=(count, count))
    both = one_way.maximum(one_way.T)
    degrees = np.asarray(both.sum(axis=1)).ravel()
    scale = diags_array(np.where(degrees > 0, degrees, 1).astype(np.float32) ** -0.5)
    return csr_array(scale @ both @ scale)


def spread(
    graph: csr_array, labelled: NDArray[np.int64], labels: NDArray[np.int64], num_classes: int, alpha: float
) -> NDArray[np.float32]:
    """Return how much of each class reaches each image, (N, K) float32: (1 − α)(I − αS)⁻¹ Y.

    ``labelled (B,)`` are rows of the graph S and ``labels (B,)`` their classes, of which Y is the indicator.
    Classes without a label reach none.
    """
    reached = np.empty((graph.shape[0], num_classes), np.float32)
    for start in range(0, num_classes, COLUMNS):
        classes = range(start, min(start + COLUMNS, num_classes))
        known = np.zeros((graph.shape[0], len(classes)), np.float32)
        here = (labels >= classes.start) & (labels < classes.stop)
        known[labelled[here], labels[here] - start] = 1 - alpha
        reached[:, start : classes.stop] = _solve(graph, known, alpha)
    # what rounding leaves below zero is nothing
    return np.maximum(reached, 0, out=reached)


def _solve(graph: csr_array, known: NDArray[np.float32], alpha: float) -> NDArray[np.float32]:
    """Return X of (I − αS) X = ``known`` by conjugate gradients, each column with its own step.

    The matrix is positive definite, for S has no eigenvalue above 1.
    """
    solution = np.zeros_like(known)
    residual = known.copy()
    direction, size = residual.copy(), _squares(residual)
    target = TOLERANCE**2 * size
    for _ in range(MOST_STEPS):
        if (size <= target).all():
            break
        image = direction - alpha * (graph @ direction)
        step = _ratio(size, (direction * image).sum(axis=0))
        solution += step * direction
        residual -= step * image
        before, size = size, _squares(residual)
        direction = residual + _ratio(size, before) * direction
    return solution


def _squares(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.square(columns).sum(axis=0)


def _ratio(above: NDArray[np.float32], below: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(below > 0, above / np.where(below > 0, below, 1), 0)
