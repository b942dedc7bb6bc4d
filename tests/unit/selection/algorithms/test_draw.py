import numpy as np
from fact.selection.algorithms.draw import Batches, random_rows


def test_rows_are_a_permutation_of_those_not_labelled():
    labelled = np.array([3, 7])
    assert sorted(random_rows(10, 8, 0, labelled).tolist()) == [0, 1, 2, 4, 5, 6, 8, 9]
    assert random_rows(10, 8, 0, labelled)[:3].tolist() == random_rows(10, 3, 0, labelled).tolist()


def test_nothing_labelled_leaves_the_generators_permutation():
    expected = np.random.default_rng(4).permutation(20)[:6]
    assert np.array_equal(random_rows(20, 6, 4, np.array([], np.int64)), expected)


def test_batches_are_distinct_rows_and_differ():
    batches, again = Batches(50, 20, seed=1), Batches(50, 20, seed=1)
    first, second = batches.draw(), batches.draw()
    assert len(set(first.tolist())) == 20
    assert np.array_equal(first, np.sort(first))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again.draw())
