"""The unlabelled images that phase 3 of a model looks at."""

import pandas as pd
from fact.model.pool_rows import drawn_unlabelled

NAMES = [f"s{row}" for row in range(30)]
MANIFEST = pd.DataFrame({"sample_id": [*NAMES, "t0"], "split": ["pool"] * 30 + ["test"]})


def drawn(labelled: list[str], count: int) -> list[str]:
    return list(drawn_unlabelled(MANIFEST, labelled, count)["sample_id"])


def test_no_labelled_image_and_no_test_image_is_drawn() -> None:
    assert drawn(["s3", "s4"], 100) == [name for name in NAMES if name not in ("s3", "s4")]


def test_a_new_label_changes_one_image_of_the_draw() -> None:
    before = drawn([], 10)
    after = drawn([before[0]], 10)
    assert set(before) - set(after) == {before[0]} and len(set(after) - set(before)) == 1
    assert before == sorted(before, key=NAMES.index)


def test_nothing_is_left_where_all_are_labelled() -> None:
    assert drawn(NAMES, 10) == []
