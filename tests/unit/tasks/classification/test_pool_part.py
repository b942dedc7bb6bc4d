"""The part of a large pool that phase 3 looks at."""

import pandas as pd
from fact.tasks.classification.pool_part import drawn_part

ROWS = pd.DataFrame({"sample_id": [f"s{row}" for row in range(20)]})
LABELLED = ["s3", "s17"]


def drawn(limit: int | None, seed: int = 0) -> list[str]:
    return list(drawn_part(ROWS, LABELLED, limit, seed)["sample_id"])


def test_the_labelled_images_and_so_many_others_in_the_order_of_the_pool() -> None:
    found = drawn(5)
    assert set(LABELLED) <= set(found) and len(found) == 7
    assert found == [name for name in ROWS["sample_id"] if name in found]


def test_a_larger_part_holds_the_smaller_one_and_another_seed_draws_others() -> None:
    assert set(drawn(5)) < set(drawn(9))
    assert drawn(5) == drawn(5) != drawn(5, seed=1)


def test_without_a_limit_or_below_it_the_whole_pool() -> None:
    assert drawn(None) == drawn(18) == drawn(100) == list(ROWS["sample_id"])
