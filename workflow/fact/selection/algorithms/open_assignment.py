"""The quickest exact assignment for a pool, a number of centroids and a device."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import torch

from fact.selection.algorithms.assignment import Assignment, ExactAssignment, MinibatchAssignment
from fact.selection.algorithms.draw import Batches
from fact.selection.algorithms.threads import one_thread, workers

# (images x centroids) up to which the exact product is so quick that candidate lists do not pay
SMALL_PRODUCT = 250_000
# length of the candidate lists
CANDIDATES = 24


@contextmanager
def open_assignment(
    pool: torch.Tensor, budget: int, candidates: int = CANDIDATES, batches: Batches | None = None
) -> Iterator[Assignment]:
    """Yield the exact product on a GPU, where it is quick, and where it is small; candidate lists elsewhere.

    ``pool`` (N, D) has unit rows and the centroids norms of at most 1. Without ``batches``, every step takes
    the whole pool.
    """
    if pool.is_cuda:
        yield _exact(pool, batches)
    elif (batches.size if batches else len(pool)) * budget <= SMALL_PRODUCT:
        with one_thread():  # products so small that a second thread costs more than it brings
            yield _exact(pool, batches)
    else:
        with workers() as executor:
            yield _listed(pool, batches, candidates, executor=executor)


def _exact(pool: torch.Tensor, batches: Batches | None) -> Assignment:
    return MinibatchAssignment(pool, batches) if batches else ExactAssignment(pool)


def _listed(pool: torch.Tensor, batches: Batches | None, candidates: int, executor: Executor) -> Assignment:
    # numba takes half a second to import
    from fact.selection.algorithms.candidate_assignment import (
        CandidateAssignment,
        MinibatchCandidateAssignment,
    )

    if batches:
        return MinibatchCandidateAssignment(pool, batches, candidates, executor=executor)
    return CandidateAssignment(pool, candidates, executor)
