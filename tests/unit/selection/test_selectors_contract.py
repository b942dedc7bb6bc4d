"""What every selector promises; a new file in selectors/ is tested here without being named."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import yaml
from fact.config.plugin_parameters import parameters
from fact.selection.contract import check_request, load_selector, selector_names
from pools import clustered_pool

SELECTORS = selector_names()
REGISTRY = Path(__file__).parents[3] / "config" / "selectors.yaml"


@pytest.fixture(params=SELECTORS)
def select(request):
    return load_selector(request.param).select


@pytest.fixture(scope="module")
def features():
    return clustered_pool(90, 16, 6)


def test_the_package_has_selectors():
    assert {"random", "activeft"} <= set(SELECTORS)
    assert not {"contract", "adam", "listing"} & set(SELECTORS)


def test_the_registry_names_all_selectors_with_parameters_that_they_have():
    registry = yaml.safe_load(REGISTRY.read_text(encoding="utf-8"))["selectors"]
    one_step = [entry for entry in registry.values() if "first" not in entry]
    for entry in one_step:
        assert set(entry["params"]) <= set(parameters("selection/selectors", entry["module"]))
    assert {entry["module"] for entry in one_step} == set(SELECTORS)


@pytest.mark.parametrize("budget", [1, 2, 17, 90])
def test_picks_are_distinct_rows(select, features, budget):
    selection = select(features, budget, seed=1)
    assert selection.indices.shape == selection.scores.shape == (budget,)
    assert selection.indices.dtype == np.int64
    assert selection.scores.dtype == np.float32
    assert len(set(selection.indices.tolist())) == budget
    assert selection.indices.min() >= 0
    assert selection.indices.max() < len(features)
    assert np.isfinite(selection.scores).all()


def test_same_seed_same_bytes(select, features):
    first, again = select(features, 12, seed=5), select(features.copy(), 12, seed=5)
    assert first.indices.tobytes() == again.indices.tobytes()
    assert first.scores.tobytes() == again.scores.tobytes()


def test_float16_features_are_their_float32_values(select, features):
    half = features.astype(np.float16)
    assert np.array_equal(select(half, 9, seed=0).indices, select(half.astype(np.float32), 9, seed=0).indices)


def test_features_are_left_as_they_were(select, features):
    frozen = features.copy()
    frozen.flags.writeable = False
    select(frozen, 5, seed=0)
    assert np.array_equal(frozen, features)


def test_duplicate_images_are_picked_once_each(select, features):
    twins = np.repeat(features[:10], 3, axis=0)
    assert sorted(select(twins, 30, seed=0).indices.tolist()) == list(range(30))


@pytest.mark.parametrize("name", SELECTORS)
def test_labels_are_not_asked_for(name):
    signature = inspect.signature(load_selector(name).select).parameters
    assert list(signature)[:3] == ["features", "budget", "seed"]
    assert signature["labelled"].default is None
    names = parameters("selection/selectors", name)
    assert not [key for key in names if "label" in key or "class" in key]


@pytest.mark.parametrize("budget", [1, 17, 78])
def test_labelled_images_are_not_picked_again(select, features, budget):
    labelled = np.arange(0, 90, 8)
    selection = select(features, budget, seed=1, labelled=labelled)
    assert len(set(selection.indices.tolist()) - set(labelled.tolist())) == budget
    assert np.isfinite(selection.scores).all()


def test_nothing_labelled_is_the_default(select, features):
    default, none = select(features, 9, seed=2), select(features, 9, seed=2, labelled=np.array([], np.int64))
    assert np.array_equal(default.indices, none.indices)
    assert np.array_equal(default.scores, none.scores)


@pytest.mark.parametrize(("distinct", "copies"), [(1, 60), (3, 20), (20, 3)])
@pytest.mark.parametrize("budget", [2, 25, 60])
def test_pools_of_copies(select, features, distinct, copies, budget):
    pool = np.tile(features[:distinct], (copies, 1))
    selection = select(pool, budget, seed=0)
    assert len(set(selection.indices.tolist())) == budget
    assert np.isfinite(selection.scores).all()


@pytest.mark.parametrize("budget", [3, 20, 40])
def test_copies_of_labelled_images(select, features, budget):
    pool = np.concatenate([np.tile(features[:2], (15, 1)), features[10:30]])
    labelled = np.arange(10)
    picks = select(pool, budget, seed=0, labelled=labelled).indices.tolist()
    assert len(set(picks)) == budget
    assert not set(picks) & set(labelled.tolist())


@pytest.mark.parametrize(("budget", "complaint"), [(0, "at least 1 image"), (91, "pool of 90 images")])
def test_impossible_budgets_are_refused(select, features, budget, complaint):
    with pytest.raises(ValueError, match=f"budget {budget} .*{complaint}"):
        select(features, budget, seed=0)


def test_a_budget_beyond_what_is_left_is_refused(select, features):
    with pytest.raises(ValueError, match="budget 87 exceeds the pool of 90 images, of which 4 are labelled"):
        select(features, 87, seed=0, labelled=np.arange(4))


@pytest.mark.parametrize(
    ("labelled", "complaint"),
    [
        ([0, 90], "rows 0 to 90; the pool has rows 0 to 89"),
        ([-1], "rows -1 to -1"),
        ([4, 4], "twice"),
        ([1.0], "list of pool rows"),
        ([[1]], "list of pool rows"),
    ],
)
def test_wrong_labelled_rows_are_refused(select, features, labelled, complaint):
    with pytest.raises(ValueError, match=complaint):
        select(features, 5, seed=0, labelled=np.array(labelled))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_without_value_are_refused(select, features, value):
    broken = features.copy()
    broken[[4, 60], 3] = value
    with pytest.raises(ValueError, match=r"2 of 90 feature rows \(4, 60\) hold NaN or infinity"):
        select(broken, 5, seed=0)


def test_zero_vectors_are_refused(select, features):
    broken = features.copy()
    broken[7] = 0
    with pytest.raises(ValueError, match=r"1 of 90 feature rows \(7\) are zero vectors"):
        select(broken, 5, seed=0)


def test_only_the_first_broken_rows_are_listed(features):
    with pytest.raises(ValueError, match=r"90 of 90 feature rows \(0, 1, 2, 3, 4, …\)"):
        check_request(np.zeros_like(features), 5)


@pytest.mark.parametrize("wrong", [np.ones((4, 2, 2), np.float32), np.ones((4, 2), np.int64), np.ones(4)])
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ValueError, match="a selector needs a matrix"):
        check_request(wrong, 1)


def test_extreme_but_finite_values_are_features():
    check_request(np.array([[1e-30, 0], [3e38, 3e38]], np.float32), 2)


@pytest.mark.parametrize("name", ["actveft", "contract", "os.path", "../random", ""])
def test_unknown_selectors_are_refused_with_the_known_ones(name):
    with pytest.raises(ValueError, match=r"unknown selector .*available: .*activeft.*random"):
        load_selector(name)
