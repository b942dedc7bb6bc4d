import numpy as np
import pytest
import torch
from fact.selection.algorithms import bilaf as bilaf_parts
from fact.selection.algorithms.bilaf import boundary_picks, boundary_scores, mean_distance
from pools import clustered_pool

LINE = torch.tensor([[0.0], [1], [2], [4]], dtype=torch.float64)
LINE_CORES = torch.tensor([[0.0], [10]], dtype=torch.float64)


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_scores_on_a_line():
    inner = mean_distance(LINE)
    torch.testing.assert_close(inner, column(1.75, 1.25, 1.25, 2.25))
    score, opponent = boundary_scores(LINE, inner, LINE_CORES, 0, torch.ones(2, dtype=torch.float64))
    torch.testing.assert_close(score, column(0.825, 0.775 / 0.9, 0.84375, 0.625))
    assert opponent.tolist() == [1, 1, 1, 1]
    score, _ = boundary_scores(LINE, inner, LINE_CORES, 0, column(1, 1.1))
    torch.testing.assert_close(score[1:3], column(8.65 / 9, 0.94375))


@pytest.mark.parametrize("fixed_opponent", [False, True])
@pytest.mark.parametrize(
    ("count", "picks", "scores"), [(1, [], []), (2, [3], [0.625]), (3, [3, 2], [0.625, 0.94375])]
)
def test_picks_on_a_line(count, picks, scores, fixed_opponent):
    chosen, values = boundary_picks(LINE, 0, count, LINE_CORES, 0, 1.1, fixed_opponent=fixed_opponent)
    assert chosen == picks
    assert values == pytest.approx(scores)


def brute_force(points, start, count, cores, own, penalty, fixed):
    """Every score of every candidate, for every pick."""
    distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    outer = np.sqrt(((points[:, None] - cores[None]) ** 2).sum(axis=2))
    inner, taken, picks, candidates = distance.mean(axis=1), {}, [start], list(range(len(points)))
    while len(picks) < count:
        candidates.sort(key=lambda row: (distance[picks[-1], row], row))
        candidates = sorted(candidates[len(points) // count :])
        best = {}
        for row in candidates:
            others = [other for other in range(len(cores)) if other != own]
            if fixed:
                others = [min(others, key=lambda other: outer[row, other])]
            best[row] = min(
                (
                    (outer[row, other] * penalty ** taken.get(other, 0) - inner[row])
                    / max(outer[row, other], inner[row]),
                    other,
                )
                for other in others
            )
        picks.append(min(best, key=lambda row: (best[row][0], row)))
        opponent = best[picks[-1]][1]
        taken[opponent] = taken.get(opponent, 0) + 1
    return picks[1:]


@pytest.mark.parametrize("fixed_opponent", [False, True])
@pytest.mark.parametrize("count", [4, 15, 60])
def test_picks_match_all_scores(count, fixed_opponent):
    pool = torch.from_numpy(clustered_pool(70, 4, 5)).double()
    members, cores = pool[:60], pool[[0, 60, 63, 66, 69]]
    arguments = (0, count, cores, 0, 1.3)
    chosen, _ = boundary_picks(members, *arguments, fixed_opponent=fixed_opponent)
    expected = brute_force(members.numpy(), 0, count, cores.numpy(), 0, 1.3, fixed_opponent)
    assert chosen == expected


def test_a_penalty_changes_the_opponent_unless_it_is_fixed():
    row, inner = torch.zeros(1, 1, dtype=torch.float64), column(1)
    cores = torch.tensor([[0.0], [5], [-5.2]], dtype=torch.float64)
    for fixed, rival, outer in ((False, 2, 5.2), (True, 1, 5.5)):
        score, opponent = boundary_scores(row, inner, cores, 0, column(1, 1.1, 1), fixed)
        assert opponent.item() == rival
        assert score.item() == pytest.approx((outer - 1) / min(outer, 5.2 if rival == 2 else 5))


def test_a_class_without_opponent_gives_its_outskirts_first():
    members = torch.tensor([[0.0], [1], [2], [9]], dtype=torch.float64)
    assert boundary_picks(members, 0, 2, members[:1], 0, 1.1, fixed_opponent=False)[0] == [3]


def test_copies_are_struck_off_one_by_one():
    members = torch.ones(5, 2, dtype=torch.float64)
    picks, scores = boundary_picks(
        members, 2, 5, torch.eye(2, dtype=torch.float64), 0, 1.1, fixed_opponent=False
    )
    assert sorted(picks) == [0, 1, 3, 4]
    assert np.isfinite(scores).all()


def test_tiles_change_nothing(monkeypatch):
    pool = torch.from_numpy(clustered_pool(70, 4, 5)).double()
    whole, values = boundary_picks(pool[:60], 0, 12, pool[[0, 60, 65]], 0, 1.1, fixed_opponent=False)
    monkeypatch.setattr(bilaf_parts, "tile_rows", lambda columns, device=None: 7)
    tiled, again = boundary_picks(pool[:60], 0, 12, pool[[0, 60, 65]], 0, 1.1, fixed_opponent=False)
    assert tiled == whole
    assert again == pytest.approx(values)


def test_a_class_cannot_give_more_than_it_has():
    with pytest.raises(ValueError, match="5 picks were asked of a class of 4 images"):
        boundary_picks(LINE, 0, 5, LINE_CORES, 0, 1.1, fixed_opponent=False)
