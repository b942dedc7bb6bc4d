"""The most typical rows of one cluster, one after another, without comparing all of them again for each."""

import numpy as np
import torch

from fact.selection.algorithms.threads import workers
from fact.selection.algorithms.tiles import tile_rows

# neighbours that are kept beyond those that count, for when a row's nearest are picked
SPARE = 20
EPSILON = 1e-5  # of the released code: copies have a finite typicality
GONE = -1
BELOW_ANY_COSINE = -1e30
# (rows x rows) up to which compiled loops in threads do not pay
SMALL_PRODUCT = 250_000


def typical_rows(rows: torch.Tensor, count: int, neighbours: int) -> tuple[list[int], list[float]]:
    """Return the ``count`` most typical of the unit ``rows`` (n, D), and their typicality when picked.

    Typicality is 1 / (mean distance to the nearest neighbours + 1e-5), over min(``neighbours``, half of the
    rows) of the rows that are not picked yet; of equal ones the lowest row is picked. Each row's nearest are
    looked for once: a pick changes the typicality of the rows that it was near to, and of no other.
    """
    near = Neighbours(rows, neighbours)
    picks: list[int] = []
    scores: list[float] = []
    for _ in range(count):
        best = int(near.typicality.argmax())
        picks.append(best)
        scores.append(float(near.typicality[best]))
        near.remove(best)
    return picks, scores


class Neighbours:
    """The typicality of each row of a cluster (n, D) from which rows are removed; -inf for these."""

    def __init__(self, rows: torch.Tensor, neighbours: int) -> None:
        self.rows = rows
        self.wanted = neighbours
        self.kept = min(neighbours + SPARE, max(len(rows) - 1, 0))
        self.left = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        self.size = len(rows)
        # nearest first, GONE where none is left
        self.numbers = torch.full((len(rows), self.kept), GONE, device=rows.device)
        self.distances = rows.new_zeros(len(rows), self.kept)
        self.typicality = rows.new_zeros(len(rows))
        everyone = torch.arange(len(rows), device=rows.device)
        self._search(everyone)
        self._measure(everyone)

    @property
    def counted(self) -> int:
        """How many neighbours make a row typical."""
        return min(self.wanted, self.size // 2)

    def remove(self, row: int) -> None:
        """Take a row out."""
        before = self.counted
        self.left[row] = False
        self.size -= 1
        self.typicality[row] = -torch.inf
        near, place = torch.nonzero((self.numbers == row) & self.left[:, None], as_tuple=True)
        self._drop(near, place)
        short = near[self.numbers[near, self.counted - 1] == GONE] if self.counted else near[:0]
        if len(short):
            self._search(short)
        # a smaller cluster counts fewer neighbours, of every row
        self._measure(near if self.counted == before else torch.nonzero(self.left)[:, 0])

    def _drop(self, near: torch.Tensor, place: torch.Tensor) -> None:
        """Close the gap at ``place`` (n,) in the lists of the rows ``near`` (n,)."""
        if self.kept == 0:
            return
        column = torch.arange(self.kept, device=near.device)
        source = column + (column >= place[:, None])
        last = source == self.kept
        source = source.clamp(max=self.kept - 1)
        self.numbers[near] = self.numbers[near].gather(1, source).masked_fill_(last, GONE)
        self.distances[near] = self.distances[near].gather(1, source)

    def _search(self, near: torch.Tensor) -> None:
        """Look for the nearest of the rows ``near`` (n,) among all that are left."""
        count = min(self.kept, self.size - 1)
        if count <= 0:
            return
        parts = near.split(min(512, tile_rows(len(self.rows), self.rows.device)))
        if self.rows.is_cuda or len(near) * len(self.rows) <= SMALL_PRODUCT:
            for part in parts:
                self._list(part, self._cosines(part).topk(count, dim=1).indices)
            return
        with workers() as executor:
            list(executor.map(lambda part: self._list(part, _best(self._cosines(part), count)), parts))

    def _cosines(self, part: torch.Tensor) -> torch.Tensor:
        """Return cosines (m, n) of the rows ``part`` (m,) to all; below any to itself and what is removed."""
        cosine = (self.rows[part] @ self.rows.T).masked_fill_(~self.left, BELOW_ANY_COSINE)
        cosine[torch.arange(len(part), device=part.device), part] = BELOW_ANY_COSINE
        return cosine

    def _list(self, part: torch.Tensor, numbers: torch.Tensor) -> None:
        """Make ``numbers`` (m, count) the nearest of the rows ``part`` (m,)."""
        count = numbers.shape[1]
        self.numbers[part, :count], self.numbers[part, count:] = numbers, GONE
        # from differences, so that copies are at distance 0
        self.distances[part, :count] = (self.rows[numbers] - self.rows[part][:, None]).norm(dim=2)

    def _measure(self, near: torch.Tensor) -> None:
        if self.counted == 0:
            self.typicality[near] = 0
            return
        # sorted: copies get equal means
        distances = self.distances[near, : self.counted].sort(dim=1).values
        self.typicality[near] = 1 / (distances.mean(dim=1) + EPSILON)


def _best(cosine: torch.Tensor, count: int) -> torch.Tensor:
    """Return the columns of the ``count`` largest values of each row (m, n), far quicker than topk."""
    # numba takes half a second to import
    from fact.selection.algorithms.assignment_kernels import list_best

    numbers = np.empty((len(cosine), count), np.int32)
    list_best(cosine.numpy(), numbers, np.empty((len(cosine), count + 1), np.float32))
    return torch.from_numpy(numbers).long()
