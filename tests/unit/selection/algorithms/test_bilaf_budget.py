import numpy as np
import pytest
from fact.selection.algorithms.bilaf import class_budgets, distribute_budget


def test_what_remains_goes_to_the_smallest_share():
    # 3.5, 2.1 and 1.4: the largest remainder would give the first class 4
    assert distribute_budget(7, [5, 3, 2]) == [3, 2, 2]


@pytest.mark.parametrize(
    ("budget", "sizes", "shares"),
    [
        (10, [5, 3, 2], [5, 3, 2]),
        (3, [98, 1, 1], [2, 1, 0]),
        (2, [4, 4, 4], [1, 1, 0]),
        (5, [1, 2, 1], [2, 2, 1]),
        (1, [7], [1]),
    ],
)
def test_shares(budget, sizes, shares):
    assert distribute_budget(budget, sizes) == shares


def test_of_equal_shares_the_largest_class_is_served_first():
    assert distribute_budget(4, [3, 3, 4]) == [1, 1, 2]


def test_every_class_keeps_its_core():
    assert class_budgets(3, [98, 1, 1]) == [1, 1, 1]
    assert class_budgets(4, [98, 1, 1]) == [2, 1, 1]


def test_no_class_gives_more_than_it_has():
    assert class_budgets(13, [10, 2, 2]) == [9, 2, 2]
    assert class_budgets(14, [10, 2, 2]) == [10, 2, 2]


def test_possible_shares_are_left_as_they_are():
    generator = np.random.default_rng(0)
    for _ in range(200):
        sizes = generator.integers(1, 40, size=8).tolist()
        budget = int(generator.integers(8, sum(sizes) + 1))
        shares, proportional = class_budgets(budget, sizes), distribute_budget(budget, sizes)
        assert sum(shares) == sum(proportional) == budget
        assert all(1 <= share <= size for share, size in zip(shares, sizes, strict=True))
        if all(1 <= share <= size for share, size in zip(proportional, sizes, strict=True)):
            assert shares == proportional
