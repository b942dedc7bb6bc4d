import numpy as np
import pytest
from fact.infra.errors import ConfigError
from fact.selection.over_groups import even_share, run_over_groups
from fact.selection.run import run_selector
from fact.selection.settings import SelectorSettings

NONE = np.array([], np.int64)


def frames(groups: int = 6, size: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random, number = np.random.default_rng(0), np.repeat(np.arange(groups), size)
    places = random.normal(size=(groups, 16))
    spread = np.linspace(0.02, 3, groups)[number, None]
    return (places[number] + spread * random.normal(size=(len(number), 16))).astype(np.float32), number


@pytest.mark.parametrize("selector", ["kcenter", "kmeans", "activeft", "typiclust", "random"])
def test_no_group_has_more_than_its_share(selector: str) -> None:
    features, groups = frames()
    params = {"iterations": 20} if selector == "activeft" else {}
    picks = run_over_groups(SelectorSettings(selector, params), features, 15, 0, NONE, groups)
    assert len(set(picks.indices.tolist())) == 15 == len(picks.scores)
    assert np.bincount(groups[picks.indices], minlength=6).max() == 3


def test_a_share_that_does_not_bind_changes_no_pick() -> None:
    features, groups = frames(2, 4)
    settings = SelectorSettings("kcenter", {})
    whole = run_selector(settings, features, 8, 0, NONE)
    spread = run_over_groups(settings, features, 8, 0, NONE, groups)
    assert whole.indices.tolist() == spread.indices.tolist()


def test_labelled_images_count_and_come_never_again() -> None:
    features, groups = frames()
    labelled = np.flatnonzero(groups == 0)[:5]
    picks = run_over_groups(SelectorSettings("random", {}), features, 10, 0, labelled, groups)
    counts = np.bincount(groups[picks.indices], minlength=6)
    assert counts[0] == 0 and counts[1:].tolist() == [2] * 5
    assert not set(picks.indices) & set(labelled)


def test_the_share_is_the_smallest_that_spends_the_budget() -> None:
    groups = np.repeat([0, 1, 2], [1, 4, 10])
    assert [even_share(groups, NONE, budget) for budget in (3, 4, 5, 9, 15)] == [1, 2, 2, 4, 10]
    with pytest.raises(ConfigError, match="exceeds"):
        even_share(groups, NONE, 16)
