import numpy as np
import pytest
from fact.infra.errors import ConfigError
from fact.selection.over_groups import run_over_groups, whose_turn
from fact.selection.settings import SelectorSettings

NONE = np.array([], np.int64)


def frames(groups: int = 6, size: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random, number = np.random.default_rng(0), np.repeat(np.arange(groups), size)
    places = random.normal(size=(groups, 16))
    spread = np.linspace(0.02, 3, groups)[number, None]
    return (places[number] + spread * random.normal(size=(len(number), 16))).astype(np.float32), number


@pytest.mark.parametrize("selector", ["kcenter", "kmeans", "activeft", "typiclust", "random"])
def test_no_group_has_two_more_than_another(selector: str) -> None:
    features, groups = frames()
    params = {"iterations": 20} if selector == "activeft" else {}
    picks = run_over_groups(SelectorSettings(selector, params), features, 15, 0, NONE, groups)
    assert len(set(picks.indices.tolist())) == 15 == len(picks.scores)
    assert sorted(np.bincount(groups[picks.indices], minlength=6)) == [2, 2, 2, 3, 3, 3]
    first = groups[picks.indices[:6]]
    assert len(set(first)) == 6, "every group has one before any has two"


def test_where_groups_run_out_others_go_on_and_the_whole_pool_is_chosen() -> None:
    groups = np.repeat([0, 1, 2], [1, 4, 10])
    features = np.random.default_rng(0).normal(size=(15, 4)).astype(np.float32)
    for budget, expected in ((4, [1, 1, 2]), (9, [1, 4, 4]), (15, [1, 4, 10])):
        picks = run_over_groups(SelectorSettings("kcenter", {}), features, budget, 0, NONE, groups)
        assert sorted(np.bincount(groups[picks.indices], minlength=3)) == sorted(expected)
    with pytest.raises(ConfigError, match="exceeds"):
        run_over_groups(SelectorSettings("kcenter", {}), features, 16, 0, NONE, groups)


def test_labelled_images_count_and_come_never_again() -> None:
    features, groups = frames()
    labelled = np.flatnonzero(groups == 0)[:5]
    picks = run_over_groups(SelectorSettings("random", {}), features, 10, 0, labelled, groups)
    counts = np.bincount(groups[picks.indices], minlength=6)
    assert counts[0] == 0 and counts[1:].tolist() == [2] * 5
    assert not set(picks.indices) & set(labelled)


def test_it_is_the_turn_of_groups_with_the_fewest_labels() -> None:
    groups = np.array([0, 0, 1, 1, 2, 3])
    assert whose_turn(groups, np.array([0, 4])).tolist() == [2, 3, 5]
    assert whose_turn(groups, np.array([0, 2, 4, 5])).tolist() == [1, 3]
