"""New pool images near to virtual features of labelled images, with few passes over the pool."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from fact.selection.algorithms.nearest_rows import nearest_rows

# virtual features from which on a pass over the pool is busy computing, not reading
BUSY_PASS = 256

Draw = Callable[[int, int], np.ndarray]
"""From the number of a label and of a round to its virtual features, float32 (n, D)."""


class NewImages:
    """For label after label, the pool images nearest to its virtual features that are not taken yet.

    A label's virtual features are drawn again, in ``rounds`` at most, until one of them finds a new image.
    What a label finds depends on what those before it took, but which images are near does not. So many
    labels' neighbours are looked for in one pass over the pool: of all that will need another round, as far
    as can be seen. The result is that of one label after another.
    """

    def __init__(self, pool: torch.Tensor, draw: Draw, labels: int, rounds: int) -> None:
        """``pool`` (N, D) on the device that computes; there are ``labels`` labels."""
        self.pool = pool
        self.draw = draw
        self.rounds = rounds
        self.near: list[list[list[int]]] = [[] for _ in range(labels)]  # of each label and round

    def found(self, taken: set[int]) -> Iterator[list[int]]:
        """Yield each label's new images; the caller adds to ``taken`` what it takes before it asks again."""
        for label in range(len(self.near)):
            while not (new := self._new(label, taken)) and len(self.near[label]) < self.rounds:
                self._look_ahead(label, taken)
            yield new

    def _new(self, label: int, taken: set[int]) -> list[int]:
        """Return the new images of the label's first round that has any."""
        for near in self.near[label]:
            if new := [row for row in dict.fromkeys(near) if row not in taken]:
                return new
        return []

    def _look_ahead(self, first: int, taken: set[int]) -> None:
        """Look for neighbours in another round of every label from ``first`` on that is going to need one."""
        expected, due = set(taken), []
        for label in range(first, len(self.near)):
            if new := self._new(label, expected):
                expected.update(new)
            elif len(self.near[label]) < self.rounds:
                due.append(label)
        # few labels take several rounds at once: a pass that reads the pool for them costs the same
        more = max(1, BUSY_PASS // len(due))
        asked = [
            (label, turn)
            for label in due
            for turn in range(len(self.near[label]), min(len(self.near[label]) + more, self.rounds))
        ]
        virtual = [self.draw(label, turn) for label, turn in asked]
        points = torch.from_numpy(np.concatenate(virtual)).to(self.pool.device)
        rows = np.split(
            nearest_rows(self.pool, points).cpu().numpy(), np.cumsum([len(part) for part in virtual])
        )
        for (label, _), near in zip(asked, rows[:-1], strict=True):
            self.near[label].append(near.tolist())
