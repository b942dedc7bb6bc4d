"""Scores from confusion matrices: closed forms, an independent oracle, and what is not defined."""

import numpy as np
import pytest
from fact.data.masks import IGNORE
from fact.tasks.segmentation.metrics import confusion, scores
from sklearn.metrics import confusion_matrix, jaccard_score


def test_closed_form_of_two_classes() -> None:
    found = scores(np.array([[3.0, 1.0], [2.0, 4.0]]))
    np.testing.assert_allclose(found.iou, [1 / 2, 4 / 7])
    np.testing.assert_allclose(found.accuracy, [3 / 4, 4 / 6])
    assert found.miou == pytest.approx((1 / 2 + 4 / 7) / 2)
    assert found.macc == pytest.approx(0.7083, abs=5e-5)
    assert found.aacc == pytest.approx(0.7)


def test_one_class_everywhere_is_its_share_and_a_kth_of_its_iou() -> None:
    counts = np.array([6.0, 3.0, 1.0])
    matrix = np.zeros((3, 3))
    matrix[:, 0] = counts
    found = scores(matrix)
    assert found.aacc == pytest.approx(0.6)
    assert found.miou == pytest.approx(0.6 / 3)
    assert found.macc == pytest.approx(1 / 3)


def test_pixels_are_counted_as_scikit_learn_does() -> None:
    random = np.random.default_rng(0)
    truth, guess = random.integers(0, 5, (2, 37, 23))
    matrix = confusion(truth.astype(np.uint8), guess.astype(np.uint8), 5)
    assert matrix.dtype == np.float64
    np.testing.assert_array_equal(matrix, confusion_matrix(truth.ravel(), guess.ravel()))
    expected = jaccard_score(truth.ravel(), guess.ravel(), average=None)
    np.testing.assert_allclose(scores(matrix).iou, expected)


def test_ignored_pixels_do_not_count_whatever_is_predicted_there() -> None:
    truth = np.array([[0, IGNORE], [1, IGNORE]], np.uint8)
    one = confusion(truth, np.array([[0, 0], [1, 0]], np.uint8), 2)
    other = confusion(truth, np.array([[0, 1], [1, 200]], np.uint8), 2)
    np.testing.assert_array_equal(one, other)
    assert one.sum() == 2 and scores(one).miou == 1.0


def test_classes_that_are_nowhere_are_left_out_and_those_never_predicted_count_as_zero() -> None:
    # class 0 in both; 1 in the truth alone (never learnt); 2 in the prediction alone; 3 nowhere
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 0], matrix[0, 2] = 8, 2, 1
    found = scores(matrix)
    np.testing.assert_allclose(found.iou, [8 / 11, 0, 0, np.nan])
    np.testing.assert_allclose(found.accuracy, [8 / 9, 0, np.nan, np.nan])
    assert found.miou == pytest.approx(8 / 11 / 3)
    assert found.macc == pytest.approx(8 / 9 / 2)


def test_nothing_to_measure_and_predictions_outside_the_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="no pixel of the test images has a class"):
        scores(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="class 7 among 3 classes"):
        confusion(np.array([1]), np.array([7]), 3)


def test_counts_beyond_what_float32_holds_stay_exact() -> None:
    matrix = np.full((2, 2), 2.0**25)
    matrix += confusion(np.array([0]), np.array([0]), 2)
    assert matrix[0, 0] == 2**25 + 1
