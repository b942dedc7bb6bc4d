from fractions import Fraction

import pytest
from fact.config.budget import budget_size
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("budget", "pool", "size"),
    [
        ("100img", 1437, 100),
        ("1437img", 1437, 1437),
        ("1img", 1, 1),
        ("0.1pct", 50_000, 50),
        ("0.5pct", 12_406, 62),
        ("30pct", 10_847, 3_254),
        ("1pct", 1_281_167, 12_811),
        ("1pct", 199, 1),
        ("100pct", 7, 7),
        # products that are just below the whole number in floats
        ("0.7pct", 1000, 7),
        ("29pct", 100, 29),
        ("2.8pct", 2750, 77),
        ("4.6pct", 1500, 69),
        ("1.1pct", 3_000_000_000, 33_000_000),
        # and one that is just below it in truth
        ("99.99999999999pct", 2, 1),
    ],
)
def test_budget_buys_the_share_rounded_down(budget, pool, size):
    assert budget_size(budget, pool) == size


@settings(deadline=None)
@given(st.integers(1, 99_999), st.integers(1, 10**7))
def test_share_is_the_largest_whole_number_below(thousandths, pool):
    exact = Fraction(thousandths, 100_000) * pool
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}pct"
    if exact < 1:
        with pytest.raises(ValueError, match="means 0 of a pool"):
            budget_size(text, pool)
    else:
        size = budget_size(text, pool)
        assert size <= exact < size + 1


@pytest.mark.parametrize(
    ("budget", "pool", "size"),
    [("0.1pct", 999, 0), ("101img", 100, 101), ("100.5pct", 200, 201), ("0pct", 10, 0), ("1img", 0, 1)],
)
def test_budget_outside_the_pool_is_refused(budget, pool, size):
    expected = f"budget '{budget}' means {size} of a pool of {pool} images; choose one between 1 and {pool}"
    with pytest.raises(ValueError) as caught:
        budget_size(budget, pool)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "budget", ["abc", "", "0img", "50", 50, "-1img", "1.5img", " 5img", "5img\n", "5pct%", "1e2pct"]
)
def test_budget_that_is_none_is_refused(budget):
    with pytest.raises(ValueError, match=r"is not understood; write 100img or 0.5pct") as caught:
        budget_size(budget, 100)
    assert f"budget '{budget}'" in str(caught.value)
