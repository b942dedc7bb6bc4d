import time

import pytest
from fact.clock import Clock


def test_an_inner_phase_does_not_count_twice() -> None:
    clock = Clock()
    with clock.time("train"):
        time.sleep(0.02)
        with clock.time("evaluate"):
            time.sleep(0.05)
        time.sleep(0.02)
    seconds = clock.seconds()
    assert 0.04 <= seconds["train"] < 0.05 + 0.5 and 0.05 <= seconds["evaluate"] < 0.5


def test_phases_add_up_and_can_be_read_while_they_run() -> None:
    clock = Clock()
    clock.add({"train": 10.0})
    with clock.time("train"):
        time.sleep(0.01)
        first = clock.seconds()["train"]
        time.sleep(0.01)
    assert 10.01 <= first < clock.seconds()["train"] - 0.009


def test_a_failing_block_counts() -> None:
    clock = Clock()
    with pytest.raises(KeyError), clock.time("decode"):
        raise KeyError
    assert clock.seconds()["decode"] >= 0
