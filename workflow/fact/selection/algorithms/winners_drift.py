"""How far centroids have come: what keeps the candidate lists certain."""

import numpy as np
import torch

EPSILON = float(np.finfo(np.float32).eps)


class Drift:
    """The length of each centroid's path, and of one as fast as the fastest at every step.

    Between two steps the cosine of a centroid with a unit row grows by no more than its path does.
    """

    def __init__(self, centroids: torch.Tensor) -> None:
        """The paths start at unit ``centroids`` (B, D) float32."""
        self.last = centroids
        self.each = np.zeros(len(centroids))
        self.farthest = 0.0
        # in float32 the product of two unit rows, and the length of a move, are this near to the truth
        self.rounding = (centroids.shape[1] + 8) * EPSILON

    def follow(self, centroids: torch.Tensor) -> None:
        """The next step: unit ``centroids`` (B, D)."""
        moved = (centroids - self.last).norm(dim=1).numpy().astype(np.float64) * (1 + self.rounding)
        self.each += moved
        self.farthest += moved.max()
        self.last = centroids

    def paths(self) -> np.ndarray:
        """What a cosine of each centroid, and of any, can have grown by: (B + 1,) float32.

        Rounding is included. Three products meet in a comparison (a cosine then, its value now, the best one
        now), and two paths, of which all but differences cancels out.
        """
        slack = 3 * self.rounding + 4 * EPSILON * (1 + self.farthest)
        return (np.append(self.each, self.farthest) + slack).astype(np.float32)
