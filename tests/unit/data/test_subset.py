import numpy as np
import pytest
from fact.data.subset import choose_subset, proportional_shares

LABELS = [0] * 60 + [1] * 30 + [2] * 10


def test_keeps_class_proportions() -> None:
    chosen = choose_subset(LABELS, 10, seed=0, split="pool")
    assert np.bincount(np.array(LABELS)[chosen]).tolist() == [6, 3, 1]
    assert chosen.tolist() == sorted(set(chosen.tolist()))


@pytest.mark.parametrize("limit", [None, 100, 101])
def test_no_limit_keeps_everything(limit: int | None) -> None:
    assert choose_subset(LABELS, limit, seed=0, split="pool").tolist() == list(range(100))


def test_every_limit_is_met_exactly() -> None:
    assert [len(choose_subset(LABELS, limit, seed=3, split="test")) for limit in range(1, 101)] == list(
        range(1, 101)
    )


def test_seed_and_split_choose_other_samples() -> None:
    first = choose_subset(LABELS, 20, seed=0, split="pool").tolist()
    assert first == choose_subset(LABELS, 20, seed=0, split="pool").tolist()
    assert first != choose_subset(LABELS, 20, seed=1, split="pool").tolist()
    assert first != choose_subset(LABELS, 20, seed=0, split="test").tolist()


def test_a_class_does_not_depend_on_where_the_others_are() -> None:
    shuffled = [2] * 10 + [0] * 60 + [1] * 30
    straight = choose_subset(LABELS, 10, seed=0, split="pool")
    moved = choose_subset(shuffled, 10, seed=0, split="pool")
    assert (straight[straight < 60] + 10).tolist() == [place for place in moved if 10 <= place < 70]


def test_unknown_labels_are_one_group() -> None:
    assert len(choose_subset([-1] * 50, 7, seed=0, split="pool")) == 7


def test_remainders_go_to_the_largest_then_to_the_lower_class() -> None:
    assert proportional_shares(np.array([5, 5, 5]), 4).tolist() == [2, 1, 1]
    assert proportional_shares(np.array([10, 27, 63]), 10).tolist() == [1, 3, 6]


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="pool_limit: 0 is below 1"):
        choose_subset(LABELS, 0, seed=0, split="pool")
