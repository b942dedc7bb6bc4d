import numpy as np
import pytest
from fact.training.heads.folds import labelled_folds


def test_folds_are_stratified_and_even() -> None:
    labels = np.repeat([0, 1, 2], [10, 15, 7])
    fold = labelled_folds(labels, 5, seed=0)
    sizes = np.bincount(fold, minlength=5)
    assert sizes.sum() == 32 and sizes.max() - sizes.min() <= 1
    for label in range(3):
        counts = np.bincount(fold[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_every_class_keeps_a_training_sample() -> None:
    labels = np.array([0, 0, 1, 1, 1, 2, 3, 3, 4])
    for seed in range(20):
        fold = labelled_folds(labels, 5, seed)
        assert fold[labels == 2] == fold[labels == 4] == -1
        for index in range(fold.max() + 1):
            assert set(labels[fold != index]) == {0, 1, 2, 3, 4}


def test_a_seed_is_a_repeat() -> None:
    labels = np.repeat(np.arange(5), 6)
    assert np.array_equal(labelled_folds(labels, 5, 3), labelled_folds(labels, 5, 3))
    assert not np.array_equal(labelled_folds(labels, 5, 3), labelled_folds(labels, 5, 4))


def test_fewer_samples_than_folds() -> None:
    fold = labelled_folds(np.array([0, 0, 0, 1]), 5, seed=0)
    assert sorted(fold[:3]) == [0, 1, 2] and fold[3] == -1
    assert sorted(labelled_folds(np.array([7, 7]), 5, seed=0)) == [0, 1]


def test_single_samples_make_it_impossible() -> None:
    assert (labelled_folds(np.arange(10), 5, seed=0) == -1).all()
    assert len(labelled_folds(np.array([], dtype=int), 5, seed=0)) == 0


def test_one_fold_is_none() -> None:
    with pytest.raises(ValueError, match="folds = 1; use at least 2"):
        labelled_folds(np.zeros(4), 1, seed=0)
