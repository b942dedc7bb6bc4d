"""A selector as the configuration declares it."""

from dataclasses import replace

import numpy as np
import pytest
from fact.selection.run import run_selector
from fact.selection.selectors import activeft
from fact.selection.settings import SelectorSettings
from pools import clustered_pool

POOL = clustered_pool(40, 8, 4)
NONE = np.array([], np.int64)
ACTIVEFT = SelectorSettings("activeft", {"iterations": 20})


def test_it_is_the_selector_with_its_parameters() -> None:
    found = run_selector(ACTIVEFT, POOL, 6, 1, NONE)
    assert np.array_equal(found.indices, activeft.select(POOL, 6, 1, iterations=20).indices)


def test_copies_are_not_labelled_twice_nor_beside_a_labelled_one() -> None:
    pool, labelled = np.repeat(POOL, 3, axis=0), np.array([4, 60], np.int64)
    settings = replace(ACTIVEFT, near_duplicates=0.9999)
    found = run_selector(settings, pool, 12, 0, labelled)
    images = [*found.indices // 3, *labelled // 3]
    assert len(set(images)) == 14


def test_too_few_distinct_images_are_told_with_the_remedy() -> None:
    settings = replace(ACTIVEFT, near_duplicates=0.999)
    with pytest.raises(
        ValueError, match=r"leaves 4 of 8 images to choose from, fewer than the budget of 5; raise it"
    ):
        run_selector(settings, np.repeat(np.eye(4, dtype=np.float32), 2, axis=0), 5, 0, NONE)
