"""Intervals of paired differences: closed forms, SciPy's, and how often they hold the truth."""

import numpy as np
import pytest
from fact.report.tables.paired_interval import paired_interval
from scipy import stats


def test_equal_differences_have_an_interval_of_no_width() -> None:
    assert paired_interval([np.full(3, 1.5), np.full(2, 1.5)]) == pytest.approx((1.5, 1.5))


def test_one_cell_is_over_its_seeds() -> None:
    differences = np.array([0.3, 1.1, -0.2, 0.8])
    wanted = stats.t.interval(0.95, 3, differences.mean(), stats.sem(differences))
    assert paired_interval([differences]) == pytest.approx(wanted)


def test_several_cells_are_over_their_means() -> None:
    groups = [np.array([1.0, 2.0]), np.array([3.0]), np.array([0.0, 0.5, 1.0])]
    means = np.array([1.5, 3.0, 0.5])
    wanted = stats.t.interval(0.9, 2, means.mean(), stats.sem(means))
    assert paired_interval(groups, share=0.9) == pytest.approx(wanted)


@pytest.mark.parametrize("groups", [[[1.0]], [[1.0, 2.0]], [[1.0], [2.0]]])
def test_two_differences_have_none(groups: list[list[float]]) -> None:
    assert np.isnan(paired_interval(groups)).all()


@pytest.mark.parametrize(
    ("cells", "seeds", "between"), [(1, 3, 0.0), (1, 5, 0.0), (2, 3, 1.0), (3, 3, 1.0), (6, 3, 1.0)]
)
def test_it_holds_the_truth_as_often_as_it_says(cells: int, seeds: int, between: float) -> None:
    generator, held, runs = np.random.default_rng(0), 0, 2000
    for _ in range(runs):
        centres = 2.0 + between * generator.standard_normal(cells)
        low, high = paired_interval([centre + generator.standard_normal(seeds) for centre in centres])
        held += low <= 2.0 <= high
    assert held / runs == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("groups", [[], [np.array([1.0]), np.array([])]])
def test_nothing_to_take_a_mean_of_is_refused(groups: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="at least one difference in every group"):
        paired_interval(groups)


def bootstrap_coverage(samples: np.ndarray, generator: np.random.Generator) -> float:
    """How often the percentile bootstrap's 95 % of rows (runs, n) hold 0; 1,000 resamples."""
    count = samples.shape[1]
    weights = generator.multinomial(count, np.full(count, 1 / count), size=1000) / count
    low, high = np.quantile(samples @ weights.T, [0.025, 0.975], axis=1)
    return float(np.mean((low <= 0) & (high >= 0)))


# the table of docs/paper.md, "How far an interval can be trusted"
@pytest.mark.parametrize(
    ("skewed", "cells", "by_student", "by_bootstrap"),
    [
        (False, 2, 0.95, 0.50),
        (False, 3, 0.95, 0.75),
        (False, 5, 0.95, 0.84),
        (False, 10, 0.95, 0.90),
        (True, 2, 0.91, 0.47),
        (True, 3, 0.88, 0.69),
        (True, 5, 0.88, 0.78),
        (True, 10, 0.90, 0.86),
    ],
)
def test_student_holds_more_often_than_a_bootstrap(
    skewed: bool, cells: int, by_student: float, by_bootstrap: float
) -> None:
    generator, runs = np.random.default_rng(cells), (2000, cells)
    # skewed: exponential, of skewness 2; both have mean 0
    samples = generator.exponential(size=runs) - 1 if skewed else generator.standard_normal(runs)
    ends = np.array([paired_interval([[value, value] for value in row]) for row in samples])
    held = np.mean((ends[:, 0] <= 0) & (ends[:, 1] >= 0))
    assert held == pytest.approx(by_student, abs=0.02)
    assert bootstrap_coverage(samples, generator) == pytest.approx(by_bootstrap, abs=0.035)
