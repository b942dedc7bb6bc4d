"""The second step as the configuration asks for it."""

import numpy as np
import pytest
from fact.second_step.run import second_step
from fact.store import FeatureSet
from pools import clustered_pool

FEATURES = clustered_pool(30, 6, 3)
EVEN = np.full((30, 3), 1 / 3)
BOUGHT = np.array([1, 2], np.int64)


def pool(labels: np.ndarray) -> FeatureSet:
    return FeatureSet(FEATURES, None, [str(row) for row in range(30)], labels, {})


def test_a_first_part_that_is_the_whole_budget_leaves_nothing() -> None:
    settings = {"module": "entropy", "params": {}}
    found = second_step(settings, pool(np.zeros(30, np.int64)), EVEN, BOUGHT, 0, 0)
    assert len(found.indices) == len(found.scores) == 0


def test_only_the_oracle_is_told_the_labels_of_the_pool() -> None:
    """With an unlabelled pool the honest mode works and the oracle says what it lacks."""
    unknown = pool(np.full(30, -1))
    honest = {"module": "vecaf", "params": {"mode": "entropy", "iterations": 5}}
    assert len(second_step(honest, unknown, EVEN, BOUGHT, 4, 0).indices) == 4
    oracle = {"module": "vecaf", "params": {"mode": "pool_oracle", "iterations": 5}}
    with pytest.raises(ValueError, match="needs the label of every pool image"):
        second_step(oracle, unknown, EVEN, BOUGHT, 4, 0)
    assert len(second_step(oracle, pool(np.arange(30) % 3), EVEN, BOUGHT, 4, 0).indices) == 4
