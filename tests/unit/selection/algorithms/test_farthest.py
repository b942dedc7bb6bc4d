import numpy as np
import pytest
from fact.selection.algorithms.farthest import farthest_first
from farthest_oracle import brute_force
from pools import clustered_pool


@pytest.mark.parametrize("centres", [[0], [17], [5, 80, 2]])
def test_picks_are_those_of_the_distance_matrix(centres):
    pool = clustered_pool(150, 8, 7)
    picks, squared = farthest_first(pool, np.array(centres), 60)
    expected, radii = brute_force(pool, centres, 60)
    assert picks.tolist() == expected
    np.testing.assert_allclose(squared, radii, rtol=1e-5)


def test_points_on_a_line():
    line = np.array([[0], [1], [2], [6], [10]], np.float32)
    picks, squared = farthest_first(line, np.array([0]), 4)
    assert picks.tolist() == [4, 3, 2, 1]
    assert squared.tolist() == [100, 16, 4, 1]


def test_the_lowest_of_equally_far_rows_is_taken():
    square = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [-1, -1]], np.float32)
    picks, _ = farthest_first(square, np.array([0]), 4)
    assert picks.tolist() == [3, 4, 1, 2]


def test_copies_come_last_in_ascending_order():
    pool = np.tile(clustered_pool(6, 5, 3), (4, 1))
    picks, squared = farthest_first(pool, np.array([7]), 23)
    expected, _ = brute_force(pool, [7], 23)
    assert picks.tolist() == expected
    assert not squared[5:].any()
    assert picks[5:].tolist() == sorted(picks[5:])


def test_nothing_is_asked_for():
    picks, squared = farthest_first(clustered_pool(6, 5, 3), np.array([1]), 0)
    assert len(picks) == len(squared) == 0
