import numpy as np
import pytest
from fact.report.tables.bootstrap import paired_interval


def test_equal_differences_have_an_interval_of_no_width():
    groups = [np.full(3, 1.5), np.full(2, 1.5)]
    assert paired_interval(groups, 0) == pytest.approx((1.5, 1.5))


def test_two_seeds_of_one_cell_have_the_interval_of_their_four_draws():
    # means 0, 1, 1, 2 with a quarter each: every tail below a quarter ends at the extremes
    assert paired_interval([np.array([0.0, 2.0])], 0) == (0.0, 2.0)
    low, high = paired_interval([np.array([0.0, 2.0])], 0, share=0.4)
    assert (low, high) == (1.0, 1.0)


def test_two_cells_of_one_seed_have_the_same():
    assert paired_interval([np.array([0.0]), np.array([2.0])], 0) == (0.0, 2.0)


def test_many_cells_come_near_the_normal_interval():
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    half = 1.96 * values.std() / np.sqrt(len(values))
    expected = (values.mean() - half, values.mean() + half)
    assert paired_interval([np.array([value]) for value in values], 0, draws=4000) == pytest.approx(
        expected, abs=0.03
    )


def test_spread_of_cells_and_of_seeds_add_up():
    rng = np.random.default_rng(2)
    cells, seeds = 60, 30
    groups = [rng.normal(rng.normal(0, 1.0), 3.0, seeds) for _ in range(cells)]
    between = np.var([group.mean() for group in groups])
    within = np.mean([group.var() / seeds for group in groups])
    low, high = paired_interval(groups, 0)
    assert (high - low) / (2 * 1.96) == pytest.approx(np.sqrt((between + within) / cells), rel=0.06)


def test_same_seed_same_interval():
    groups = [np.array([0.1, 0.4, -0.2]), np.array([1.0])]
    assert paired_interval(groups, 7) == paired_interval(groups, 7) != paired_interval(groups, 8)


@pytest.mark.parametrize("groups", [[], [np.array([1.0]), np.array([])]])
def test_nothing_to_draw_from_is_refused(groups):
    with pytest.raises(ValueError, match="at least one difference in every group"):
        paired_interval(groups, 0)
