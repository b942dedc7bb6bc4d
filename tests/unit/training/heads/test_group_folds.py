import numpy as np
from fact.training.heads.folds import labelled_folds
from fact.training.heads.group_folds import grouped_folds
from hypothesis import given
from hypothesis import strategies as st

SETS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=60)


@given(SETS, st.integers(2, 6), st.integers(0, 3))
def test_no_group_is_on_both_sides_and_every_class_keeps_training_images(pairs, folds, seed):
    labels, groups = np.array([*zip(*pairs, strict=True)] or [[], []], int)
    fold = grouped_folds(labels, groups, folds, seed)
    assert len(fold) == len(pairs)
    for group in set(groups):
        assert len(set(fold[groups == group])) == 1
    for index in range(int(fold.max(initial=-1)) + 1):
        assert (fold == index).any()
        assert set(labels) == set(labels[fold != index])
    assert fold.max(initial=-1) != 0, "one fold alone is no cross-validation"


def test_folds_are_even_in_classes_and_in_size():
    # 12 groups of 5 images, three of each of 4 classes
    groups = np.repeat(np.arange(12), 5)
    labels = groups % 4
    fold = grouped_folds(labels, groups, 3, seed=1)
    assert np.bincount(fold).tolist() == [20, 20, 20]
    assert all(set(labels[fold == index]) == {0, 1, 2, 3} for index in range(3))


def test_a_class_of_one_group_is_never_held_out():
    labels, groups = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 1])
    fold = grouped_folds(labels, groups, 5, seed=0)
    assert (fold[groups == 1] == -1).all() and set(fold[groups != 1]) == {0, 1}


def test_groups_that_are_classes_cannot_be_held_out():
    labels = np.repeat([0, 1, 2], 4)
    assert (grouped_folds(labels, labels, 4, seed=0) == -1).all()


def test_a_seed_is_a_repeat():
    labels, groups = np.tile([0, 1], 20), np.repeat(np.arange(20), 2)
    first, again, other = (labelled_folds(labels, 4, seed, groups) for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()
    assert np.bincount(first).tolist() == [10, 10, 10, 10]
