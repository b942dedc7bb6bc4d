import numpy as np
import pytest
import torch
from fact.selection.selectors import activeft
from fact.selection.selectors.bilaf import Parameters, pseudo_classes, select
from pools import clustered_pool


def test_the_defaults_are_the_published_ones():
    defaults = Parameters()
    published = {"core": 50, "neighbours": 10, "removed": 0.1, "ring": 0.1, "penalty": 1.1}
    assert {name: getattr(defaults, name) for name in published} == published
    assert not defaults.as_released


@pytest.mark.parametrize("as_released", [False, True])
def test_cores_are_activefts_and_come_first(as_released):
    features = clustered_pool(300, 12, 8)
    selection = select(features, 40, seed=2, core=10, iterations=30, as_released=as_released)
    cores = activeft.select(features, 10, seed=2, iterations=30).indices
    assert selection.indices[:10].tolist() == cores.tolist()
    assert (selection.scores[:10] == 1).all()
    assert (selection.scores[10:] <= 1.5).all()
    assert len(set(selection.indices.tolist())) == 40


def test_boundary_images_lie_between_cores():
    features = clustered_pool(600, 8, 6)
    picks = select(features, 60, seed=0, core=10, iterations=30).indices
    pool = features / np.linalg.norm(features, axis=1, keepdims=True)
    distance = np.sort(np.linalg.norm(pool[:, None] - pool[picks[:10]], axis=2), axis=1)
    margin = distance[:, 1] - distance[:, 0]
    assert margin[picks[10:]].mean() < 0.6 * margin.mean()


def test_classes_hold_what_is_nearest_to_their_core():
    pool = torch.from_numpy(clustered_pool(200, 6, 5))
    cores = np.array([8, 90, 3, 150])
    distance = torch.cdist(pool.double(), pool[cores].double()).argmin(dim=1)
    for own, rows in enumerate(pseudo_classes(pool, cores)):
        assert rows.tolist() == np.flatnonzero(distance.numpy() == own).tolist()


def test_copies_of_cores_have_classes_of_their_own():
    classes = pseudo_classes(torch.ones(6, 3), np.array([4, 2]))
    assert [rows.tolist() for rows in classes] == [[0, 1, 3, 4, 5], [2]]


def test_labelled_images_are_cores_already():
    features, labelled = clustered_pool(300, 12, 8), np.arange(0, 300, 25)
    selection = select(features, 20, seed=0, core=15, iterations=30, labelled=labelled)
    assert (selection.scores == 1).sum() == 3
    assert (select(features, 20, seed=0, core=5, labelled=labelled).scores < 1).all()


def test_a_core_above_the_budget_leaves_activefts_picks():
    features = clustered_pool(100, 8, 4)
    picks = select(features, 7, seed=1, core=50, iterations=20).indices
    assert picks.tolist() == activeft.select(features, 7, seed=1, iterations=20).indices.tolist()


def test_nothing_is_removed_where_all_are_picked():
    picks = select(clustered_pool(100, 8, 4), 100, seed=1, core=4, iterations=5).indices
    assert sorted(picks.tolist()) == list(range(100))


def test_lengths_matter_only_as_released():
    features = clustered_pool(200, 8, 5)
    longer = features * np.linspace(1, 3, 200, dtype=np.float32)[:, None]
    for as_released in (False, True):
        one, other = (
            select(rows, 30, seed=0, core=6, iterations=10, as_released=as_released).indices
            for rows in (features, longer)
        )
        assert np.array_equal(one, other) != as_released


def test_where_the_released_code_breaks_is_an_error():
    with pytest.raises(ValueError, match="released code cannot take"):
        select(clustered_pool(100, 8, 4), 98, seed=1, core=4, iterations=5, as_released=True)


@pytest.mark.parametrize("name", ["core", "neighbours", "ring", "penalty"])
def test_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"bilaf parameter {name} is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: 0})


@pytest.mark.parametrize(("name", "value"), [("removed", 1), ("removed", -0.1), ("ring", 1.5)])
def test_shares_are_shares(name, value):
    with pytest.raises(ValueError, match="bilaf takes removed"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: value})
