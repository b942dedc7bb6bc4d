import numpy as np
import pytest
import torch
from fact.selection.algorithms import spread
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.spread import spread_rows
from pools import clustered_pool


def test_first_centres_are_drawn_by_squared_distance() -> None:
    pool = torch.tensor([[1, 0], [0.8, 0.6], [0, 1]])  # squared distances to the first: 0.4 and 2
    draws = [spread_rows(pool, 2, np.random.default_rng(seed)).tolist() for seed in range(3000)]
    seconds = [second for first, second in draws if first == 0]
    assert np.mean(np.array(seconds) == 2) == pytest.approx(2 / 2.4, abs=0.04)
    assert 0 not in seconds
    assert np.mean([first == 0 for first, _ in draws]) == pytest.approx(1 / 3, abs=0.04)


def test_draws_ahead_have_the_distribution_of_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows of four: with all further ones drawn at once, and singly."""
    pool = torch.tensor([[0.0, 0], [1, 0], [1, 0.5], [3, 0]])
    shares = []
    for ahead in (10**9, 0.25):  # rows drawn at once: 1, and more than are wanted
        monkeypatch.setattr(spread, "AHEAD", ahead)
        drawn = [tuple(spread_rows(pool, 3, np.random.default_rng(seed)).tolist()) for seed in range(1500)]
        shares.append({order: drawn.count(order) / 1500 for order in set(drawn)})
    orders = set(shares[0]) | set(shares[1])
    assert len(orders) == 24
    assert max(abs(shares[0].get(order, 0) - shares[1].get(order, 0)) for order in orders) < 0.03


def test_first_centres_differ_while_images_do() -> None:
    pool = torch.from_numpy(np.tile(unit_rows(clustered_pool(5, 8, 5)), (20, 1)))
    rows = spread_rows(pool, 9, np.random.default_rng(0))
    assert len(rows) == 9 and len(np.unique(pool[rows[:5]], axis=0)) == 5


def test_many_rows_are_distinct() -> None:
    pool = torch.from_numpy(clustered_pool(3000, 8, 5))
    assert len(np.unique(spread_rows(pool, 700, np.random.default_rng(0)))) == 700
