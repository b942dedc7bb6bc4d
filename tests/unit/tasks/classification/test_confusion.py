import numpy as np
from fact.tasks.classification.confusion import (
    IMAGES,
    PAIRS,
    confused_images,
    count_confusions,
    read_confused,
    read_confusions,
)
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


def test_images_behind_confusions_are_named_by_row_the_most_frequent_pair_first():
    labels, predicted = np.array([1, 0, 0, 2, 0]), np.array([0, 2, 2, 2, 1])
    texts = confused_images(predicted, labels)
    assert texts == ["0>2: 1 2", "0>1: 4", "1>0: 0"]
    assert read_confused(texts) == {(0, 2): [1, 2], (0, 1): [4], (1, 0): [0]}


def test_many_confusions_keep_a_record_small():
    numbers = np.random.default_rng(0)
    labels, predicted = numbers.integers(0, 1000, (2, 50_000))
    assert len(confused_images(predicted, labels)) == PAIRS
    same = confused_images(np.ones(99, int), np.zeros(99, int))
    assert [len(rows) for rows in read_confused(same).values()] == [IMAGES]
