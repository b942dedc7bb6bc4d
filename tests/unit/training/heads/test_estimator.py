import numpy as np
import pytest
from fact import FactClassifier
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks


@parametrize_with_checks([FactClassifier(C=1.0), FactClassifier(C_grid=(1.0, 100.0), folds=2)])
def test_it_keeps_what_scikit_learn_asks_of_estimators(estimator, check) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    images, classes = load_digits(return_X_y=True)
    return images[:300] / 16, classes[:300]


def test_its_minimum_is_that_of_scikit_learn(digits: tuple[np.ndarray, np.ndarray]) -> None:
    features, classes = digits
    # the objective divides features by their mean norm; the same problem in scikit-learn's coordinates
    scale = np.linalg.norm(features, axis=1).mean()
    oracle = LogisticRegression(C=10.0, tol=1e-10, max_iter=5000).fit(features / scale, classes)
    ours = FactClassifier(C=10.0).fit(features, classes)
    assert ours.predict_proba(features) == pytest.approx(oracle.predict_proba(features / scale), abs=1e-4)


def test_C_is_chosen_inside_the_labelled_set(digits: tuple[np.ndarray, np.ndarray]) -> None:
    features, classes = digits
    model = FactClassifier(C_grid=(0.1, 10.0)).fit(features, np.array(list("abcdefghij"))[classes])
    losses = {row["C"]: row["log_loss"] for row in model.report_["candidates"]}
    # the grid grew beyond its end, which was the best of it
    assert model.C_ == min(losses, key=losses.get) > 10.0 and {0.1, 10.0} < set(losses)
    assert set(model.predict(features)) == set("abcdefghij")


def test_it_is_cloned_and_cross_validated(digits: tuple[np.ndarray, np.ndarray]) -> None:
    assert cross_val_score(clone(FactClassifier(C=10.0)), *digits, cv=3).mean() > 0.85
