import inspect

import fact
import numpy as np
import pytest
from fact.infra.errors import ConfigError
from skactiveml.base import SingleAnnotatorPoolQueryStrategy
from skactiveml.pool import RandomSampling
from sklearn.base import clone

POOL = np.random.default_rng(0).normal(size=(40, 6))
LABELS = np.full(40, np.nan)
LABELS[[3, 9]] = [0, 1]


def test_its_signature_is_that_of_scikit_activeml() -> None:
    ours = list(inspect.signature(fact.SelectorQuery.query).parameters)
    theirs = list(inspect.signature(RandomSampling.query).parameters)
    assert ours == theirs
    base = inspect.signature(SingleAnnotatorPoolQueryStrategy.__init__).parameters
    assert {"random_state", "missing_label"} <= set(base) & set(fact.SelectorQuery().get_params())


def test_it_complements_what_has_a_label() -> None:
    strategy = fact.SelectorQuery("kcenter")
    chosen = strategy.query(POOL, LABELS, batch_size=5)
    assert (chosen == fact.select(POOL, 5, "kcenter", labelled=[3, 9]).indices).all()
    assert (clone(strategy).query(POOL, LABELS, batch_size=5) == chosen).all()


def test_only_candidates_are_chosen_and_utilities_say_which() -> None:
    candidates = np.array([0, 1, 2, 3, 20, 30])
    chosen, utilities = fact.SelectorQuery("random").query(
        POOL, LABELS, candidates, batch_size=3, return_utilities=True
    )
    assert set(chosen) <= {0, 1, 2, 20, 30} and utilities.shape == (3, 40)
    assert (np.nanargmax(utilities, axis=1) == chosen).all()
    free = {0, 1, 2, 20, 30}
    for step, row in enumerate(utilities):
        assert set(np.flatnonzero(~np.isnan(row))) == free - set(chosen[:step].tolist())


def test_labels_may_be_text_with_another_missing_label() -> None:
    labels = np.array(["none"] * 38 + ["cat", "dog"], dtype=object)
    chosen = fact.SelectorQuery("random", missing_label="none").query(POOL, labels, batch_size=38)
    assert sorted(chosen) == list(range(38))


def test_features_as_candidates_are_refused() -> None:
    with pytest.raises(ConfigError, match="give rows of X"):
        fact.SelectorQuery("random").query(POOL, LABELS, POOL[:3])
