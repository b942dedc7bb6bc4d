from types import SimpleNamespace

import pytest
from fact.infra.process.clock import Clock


class Hand:
    """The hand of a clock, which the tests move."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def move(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    hand = Hand()
    monkeypatch.setattr("fact.infra.process.clock.time", SimpleNamespace(perf_counter=lambda: hand.seconds))
    return hand


def test_an_inner_phase_does_not_count_twice(hand: Hand) -> None:
    clock = Clock()
    with clock.time("train"):
        hand.move(2)
        with clock.time("evaluate"):
            hand.move(5)
        hand.move(3)
    assert clock.seconds() == {"train": 5, "evaluate": 5}


def test_what_passes_between_phases_is_not_counted(hand: Hand) -> None:
    clock = Clock()
    for _ in range(2):
        with clock.time("train"):
            hand.move(1)
        hand.move(30)
    assert clock.seconds() == {"train": 2}


def test_phases_add_up_and_can_be_read_while_they_run(hand: Hand) -> None:
    clock = Clock()
    clock.add({"train": 10.0})
    with clock.time("train"):
        hand.move(1)
        first = clock.seconds()["train"]
        hand.move(2)
    assert (first, clock.seconds()["train"]) == (11, 13)


def test_a_failing_block_counts(hand: Hand) -> None:
    clock = Clock()
    with pytest.raises(KeyError), clock.time("decode"):
        hand.move(4)
        raise KeyError
    assert clock.seconds() == {"decode": 4}


def test_time_passes_by_itself() -> None:
    clock = Clock()
    with clock.time("train"):
        sum(range(100_000))
    assert clock.seconds()["train"] > 0
