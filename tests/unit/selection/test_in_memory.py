import fact
import numpy as np
import pytest
from fact.infra.errors import ConfigError, DataError
from fact.selection.selectors import kcenter

POOL = np.random.default_rng(0).normal(size=(60, 8))


def test_it_picks_what_the_selector_picks() -> None:
    picks = fact.select(POOL, 7, "kcenter", seed=3, labelled=[4, 5])
    direct = kcenter.select(POOL.astype(np.float32), 7, 3, labelled=np.array([4, 5]))
    assert (picks.indices == direct.indices).all() and picks.indices.dtype == np.int64
    assert not {4, 5} & set(picks.indices.tolist())


def test_budgets_are_numbers_or_shares_and_parameters_can_be_replaced() -> None:
    assert len(fact.select(POOL, "10pct", iterations=5).indices) == 6
    few, many = (fact.select(POOL, 5, iterations=count).scores for count in (1, 50))
    assert not np.array_equal(few, many)


def test_near_copies_count_once() -> None:
    copies = np.repeat(np.eye(5), 4, axis=0) + 1e-3
    picks = fact.select(copies, 5, "random", near_duplicates=0.99)
    assert sorted(picks.indices // 4) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((POOL, 5, "actveft"), ConfigError, "did you mean 'activeft'"),
        ((POOL, 5, "freesel"), ConfigError, "needs more than features"),
        ((POOL, 61), ConfigError, "budget 61 exceeds the pool of 60"),
        ((POOL, "5"), ConfigError, "write 100img"),
        ((POOL * np.nan, 5), DataError, "NaN"),
    ],
)
def test_wrong_requests_are_named(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fact.select(*arguments)


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="iteration"):
        fact.select(POOL, 5, iteration=3)
