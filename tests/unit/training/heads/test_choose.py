import numpy as np
import pytest
from fact.training.heads.choose import choose, paired_excess


def test_the_paired_error_by_hand() -> None:
    losses = np.array([[1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 3.5, 5.0]])
    excess, error = paired_excess(losses)
    assert excess.tolist() == [0.0, 0.5]
    assert error.tolist() == pytest.approx([0.0, np.std([0.5, 0, 0.5, 1.0], ddof=1) / 2])


def test_the_simplest_within_one_standard_error_wins() -> None:
    # excess 0.5 with a standard error of 0.204 for the first, 0.1 with 0.2 for the second
    best = np.array([1.0, 2.0, 3.0, 4.0])
    excess = np.array([[0.5, 0.0, 0.5, 1.0], [0.5, -0.4, 0.5, -0.2], [0.0, 0.0, 0.0, 0.0]])
    losses = best + excess
    assert choose(losses, [0, 1, 2]) == 1
    assert choose(losses, [0, 2, 1]) == 2
    assert choose(losses, [2, 1, 0]) == 2


def test_what_all_candidates_find_hard_does_not_blur_their_order() -> None:
    hard = np.random.default_rng(0).exponential(100, 50)
    losses = np.stack([hard + 0.01, hard])
    assert choose(losses, [0, 1]) == 1


def test_ties_go_to_the_simpler() -> None:
    losses = np.ones((3, 5))
    assert choose(losses, [2, 0, 1]) == 1
    assert choose(losses[:, :1], [2, 1, 0]) == 2


def test_a_single_sample_has_no_error() -> None:
    assert choose(np.array([[2.0], [1.0]]), [0, 1]) == 1


@pytest.mark.parametrize("losses", [np.ones(3), np.ones((2, 4)), np.ones((3, 0)), np.full((3, 2), np.nan)])
def test_refusals(losses: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one row of numbers for each candidate"):
        choose(losses, [0, 1, 2])
