import numpy as np
from fact.tasks.classification.confusion import count_confusions, read_confusions
from sklearn.metrics import confusion_matrix


def test_the_counts_are_those_of_a_full_matrix():
    numbers = np.random.default_rng(0)
    labels, predicted = numbers.integers(0, 7, 200), numbers.integers(0, 7, 200)
    rows = count_confusions(predicted, labels, 8)
    matrix = np.zeros((8, 8), int)
    for true, guess, count in read_confusions(rows):
        matrix[true, guess] = count
    assert (matrix == confusion_matrix(labels, predicted, labels=range(8))).all()


def test_classes_without_images_and_pairs_that_do_not_occur_take_no_room():
    assert count_confusions(np.array([0, 2, 2]), np.array([0, 0, 2]), 4) == ["0:1 2:1", "", "2:1", ""]


def test_nothing_reads_as_no_pairs():
    assert read_confusions(["", ""]).shape == (0, 3)
