"""Names of candidates with and without the pool."""

import pytest
from fact.model.candidate_name import with_pool, without_pool


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("recipe", ["frozen", "lp-ft", "lp-ft-pool"])
def test_a_name_says_both_and_nothing_is_lost(recipe: str, pool: bool) -> None:
    assert without_pool(with_pool(recipe, pool)) == (recipe, pool)
