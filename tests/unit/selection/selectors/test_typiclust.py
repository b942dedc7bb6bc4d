import numpy as np
import pytest
import torch
from fact.selection.algorithms import typical
from fact.selection.algorithms.clustering import cluster
from fact.selection.algorithms.pool import unit_rows
from fact.selection.algorithms.typical import Neighbours, typical_rows
from fact.selection.selectors.typiclust import clusters_in_turn, rounds, select
from pools import clustered_pool

NONE = np.array([], np.int64)


def typicality(rows: torch.Tensor, neighbours: int) -> torch.Tensor:
    return Neighbours(rows, neighbours).typicality


def brute_force(rows: np.ndarray, count: int) -> np.ndarray:
    distances = np.sqrt(((rows[:, None].astype(np.float64) - rows[None]) ** 2).sum(axis=2))
    return 1 / (np.sort(distances, axis=1)[:, 1 : count + 1].mean(axis=1) + 1e-5)


@pytest.mark.parametrize(
    ("size", "neighbours", "count"), [(60, 20, 20), (30, 20, 15), (3, 20, 1), (60, 4, 4)]
)
def test_typicality_matches_all_distances_in_float64(size, neighbours, count):
    rows = unit_rows(clustered_pool(size, 8, 3))
    np.testing.assert_allclose(
        typicality(torch.from_numpy(rows), neighbours), brute_force(rows, count), rtol=1e-5
    )


def test_typicality_in_tiles(monkeypatch):
    rows = torch.from_numpy(unit_rows(clustered_pool(60, 8, 3)))
    whole = typicality(rows, 5)
    monkeypatch.setattr(typical, "tile_rows", lambda columns, device=None: 7)
    torch.testing.assert_close(typicality(rows, 5), whole)


def test_points_on_a_circle():
    angles = torch.tensor([0.0, 0.1, 0.2, 1.0])
    rows = torch.stack([angles.cos(), angles.sin()], dim=1)
    chord = 2 * torch.sin(torch.tensor([[0.1, 0.2], [0.1, 0.1], [0.1, 0.2], [0.8, 0.9]]) / 2)
    torch.testing.assert_close(typicality(rows, 2), 1 / (chord.mean(dim=1) + 1e-5), rtol=1e-5, atol=0)


def test_copies_are_at_distance_zero_and_the_lowest_wins():
    rows = torch.from_numpy(
        np.concatenate([unit_rows(clustered_pool(4, 8, 1)), np.tile(np.eye(8)[:1], (5, 1))])
    )
    values = typicality(rows.float(), 4)
    assert values[4:].tolist() == pytest.approx([1e5] * 5)
    assert values.argmax() == 4


def test_a_row_alone_is_not_typical():
    assert typicality(torch.ones(1, 3), 20).tolist() == [0]


def test_turns_go_to_the_least_labelled_then_largest():
    owner = np.repeat([0, 1, 2, 3], [6, 8, 9, 3])
    rows = [np.flatnonzero(owner == number).tolist() for number in range(4)]

    def turns(labelled: np.ndarray, large: bool) -> list[list[int]]:
        return [members.tolist() for members in clusters_in_turn(owner, labelled, large)]

    assert turns(NONE, True) == [rows[2], rows[1], rows[0]]
    assert turns(NONE, False) == [rows[3]]
    assert turns(np.array([6, 14, 15]), True) == [rows[0], rows[1][1:], rows[2][2:]]


def test_a_round_passes_over_clusters_without_images():
    assert rounds([3, 1, 2], 9).tolist() == [0, 1, 2, 0, 2, 0]
    assert rounds([3, 1, 2], 4).tolist() == [0, 1, 2, 0]
    assert rounds([], 4).tolist() == []


@pytest.mark.parametrize("small", [0, 250_000])  # compiled loops, and topk
@pytest.mark.parametrize("spare", [0, 1, 20])
@pytest.mark.parametrize("neighbours", [4, 20])
def test_picks_are_those_of_comparing_all_rows_again_for_each(monkeypatch, spare, neighbours, small):
    """To the last row of the cluster, with lists that run out and with ones that do not."""
    monkeypatch.setattr(typical, "SMALL_PRODUCT", small)
    monkeypatch.setattr(typical, "SPARE", spare)
    rows = unit_rows(clustered_pool(70, 8, 3))
    picks, scores = typical_rows(torch.from_numpy(rows), 70, neighbours)
    left = np.arange(70)
    for rank, pick in enumerate(picks):
        count = min(neighbours, len(left) // 2)
        expected = brute_force(rows[left], count) if count else np.zeros(len(left))
        assert pick == left[expected.argmax()], rank
        assert scores[rank] == pytest.approx(expected.max(), rel=1e-5)
        left = left[left != pick]


def test_rounds_follow_the_rules_step_by_step():
    features = clustered_pool(150, 8, 5)
    pool = unit_rows(features)
    owner = cluster(torch.from_numpy(pool), 6, seed=7).owner
    sizes = np.bincount(owner)
    turns = [number for number in np.argsort(-sizes, kind="stable") if sizes[number] > 5]
    picks = []
    for turn in range(14):
        left = np.setdiff1d(np.flatnonzero(owner == turns[turn % len(turns)]), picks)
        picks.append(int(left[brute_force(pool[left], min(20, len(left) // 2)).argmax()]))
    assert select(features, 14, seed=7, max_clusters=6).indices.tolist() == picks


def test_small_clusters_come_last():
    features = np.repeat(np.eye(4), [20, 3, 20, 20], axis=0) + 0.02 * clustered_pool(63, 4, 1)
    picks = select(features.astype(np.float32), 63, seed=0, max_clusters=4).indices
    assert sorted(picks[-3:].tolist()) == [20, 21, 22]


@pytest.mark.parametrize("labelled", [[], [3, 70, 71]])
def test_scikit_activeml_picks_alike(labelled):
    peer = pytest.importorskip("skactiveml.pool").TypiClust
    features = clustered_pool(240, 6, 8, seed=2)
    labels = np.full(240, np.nan)
    labels[labelled] = 0

    class SameClusters:
        def __init__(self, n_clusters):
            self.count = n_clusters

        def fit_predict(self, pool):
            return cluster(torch.from_numpy(pool.astype(np.float32)), self.count, seed=0).owner

    query = peer(random_state=0, cluster_algo=SameClusters, k=3).query
    expected = query(unit_rows(features).astype(np.float64), labels, batch_size=5)
    assert np.bincount(SameClusters(5 + len(labelled)).fit_predict(unit_rows(features))).min() > 5
    picks = select(features, 5, seed=0, neighbours=3, labelled=np.array(labelled, np.int64)).indices
    assert sorted(picks.tolist()) == sorted(expected.tolist())


@pytest.mark.parametrize("name", ["neighbours", "max_clusters"])
def test_parameters_must_be_positive(name):
    with pytest.raises(ValueError, match=f"typiclust parameter {name} is 0"):
        select(clustered_pool(20, 4, 2), 3, seed=0, **{name: 0})


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_finds_the_same_typical_rows():
    rows = torch.from_numpy(unit_rows(clustered_pool(700, 16, 5)))
    assert typical_rows(rows, 30, 20)[0] == typical_rows(rows.cuda(), 30, 20)[0]
