"""The filter that keeps a training set near its pool."""

import numpy as np
from fact.selection.algorithms.transport import TransportFilter
from scipy.stats import wasserstein_distance

POOL = np.random.default_rng(0).standard_normal((60, 1)).astype(np.float32)


def test_the_distance_is_exact_where_the_set_divides_the_pool() -> None:
    chosen = np.arange(12)
    expected = wasserstein_distance(POOL[:, 0], POOL[chosen, 0])
    assert np.isclose(TransportFilter(POOL, chosen, 0).distance, expected, atol=1e-6)


def test_the_whole_pool_is_at_no_distance_from_itself() -> None:
    assert TransportFilter(POOL, np.arange(60), 0).distance < 1e-6


def test_only_rows_that_bring_the_set_no_further_are_accepted() -> None:
    order = np.argsort(POOL[:, 0])
    accepting = TransportFilter(POOL, order[:2], 0)
    before = accepting.distance
    assert not accepting.accepts(int(order[2])) or accepting.distance <= before
    before = accepting.distance
    assert accepting.accepts(int(order[45])) and accepting.distance < before
