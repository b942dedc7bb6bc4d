"""Wrong labels among right ones."""

import numpy as np
from fact.model.label_errors import label_issues


def probabilities_of(truth: np.ndarray, sure: float = 0.9) -> np.ndarray:
    rest = (1 - sure) / 2
    return np.where(np.eye(3)[truth] == 1, sure, rest)


def test_flipped_labels_are_found_and_no_others() -> None:
    truth = np.repeat([0, 1, 2], 10)
    labels = truth.copy()
    labels[[0, 15]] = [1, 2]
    issues = label_issues(probabilities_of(truth), labels)
    assert sorted((issue.row, issue.label, issue.suggested) for issue in issues) == [(0, 1, 0), (15, 2, 1)]


def test_a_class_that_the_model_is_unsure_of_is_not_doubted() -> None:
    labels = np.repeat([0, 1], 10)
    # class 1 is always taken for 0, with less belief than 0 itself has
    probabilities = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
    assert label_issues(probabilities, labels) == []


def test_images_that_were_not_held_out_are_passed_over() -> None:
    probabilities = np.array([[np.nan, np.nan], [0.9, 0.1], [0.1, 0.9]])
    assert label_issues(probabilities, np.array([1, 0, 1])) == []


def test_the_least_believable_label_comes_first() -> None:
    truth = np.repeat([0, 1, 2], 10)
    probabilities, labels = probabilities_of(truth), truth.copy()
    labels[[3, 4]] = 1
    probabilities[3] = [0.98, 0.01, 0.01]
    assert [issue.row for issue in label_issues(probabilities, labels)] == [3, 4]
