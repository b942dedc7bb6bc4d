from functools import partial

import numpy as np
import pytest
import torch
from coverage_oracle import brute_force, kernel_matrix
from fact.selection.algorithms import coverage as module
from fact.selection.algorithms.coverage import Coverage, greedy_cover
from fact.selection.algorithms.pool import unit_rows
from fact.selection.selectors.maxherding import gaussian
from fact.selection.selectors.probcover import within
from pools import clustered_pool

NONE = np.array([], np.int64)


@pytest.mark.parametrize("kernel", [partial(gaussian, 1.0), partial(gaussian, 0.4), partial(within, 0.7)])
@pytest.mark.parametrize("labelled", [[], [4, 90, 133]])
@pytest.mark.parametrize("block", [1, 16, 1000])
def test_picks_are_those_of_the_whole_matrix(kernel, labelled, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    pool = unit_rows(clustered_pool(200, 8, 9))
    expected, expected_gains = brute_force(kernel_matrix(pool, kernel), 25, labelled)
    picks, gains = greedy_cover(torch.from_numpy(pool), kernel, 25, np.array(labelled, np.int64))
    assert picks.tolist() == expected
    np.testing.assert_allclose(gains, expected_gains, rtol=1e-5)


def test_gains_in_tiles(monkeypatch):
    pool = torch.from_numpy(unit_rows(clustered_pool(200, 8, 9)))
    coverage = Coverage(pool, partial(gaussian, 1.0))
    coverage.add(torch.tensor([3, 50]))
    whole = coverage.gains(torch.arange(200))
    monkeypatch.setattr(module, "tile_rows", lambda columns, device=None: 7)
    torch.testing.assert_close(coverage.gains(torch.arange(200)), whole)


def test_the_farthest_follow_once_all_is_covered():
    pool = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 2, 2, 3]]
    picks, gains = greedy_cover(torch.from_numpy(pool), partial(within, 0.5), 8, NONE)
    assert picks.tolist() == [0, 3, 5, 7, 1, 2, 4, 6]
    assert gains.tolist() == [3 / 8, 2 / 8, 2 / 8, 1 / 8, 0, 0, 0, 0]


def test_few_rows_are_computed_again():
    pool = torch.from_numpy(unit_rows(clustered_pool(3000, 16, 40)))

    class Counting(Coverage):
        computed = 0

        def gains(self, rows):
            Counting.computed += len(rows)
            return super().gains(rows)

    coverage = Counting(pool, partial(gaussian, 0.5))
    module._gaining_rows(coverage, 50, NONE)
    assert Counting.computed < 10 * len(pool)  # and not 50 times
