"""Shares of classes: closed forms, and the likelihood that they maximise."""

import numpy as np
import pytest
from fact.training.propagation.class_prior import estimate_prior
from scipy.optimize import minimize


def test_certain_images_are_counted() -> None:
    certain = np.eye(3, dtype=np.float32)[[0, 0, 0, 1]]
    assert estimate_prior(certain, 1e-9) == pytest.approx([0.75, 0.25, 0], abs=1e-6)
    # as if two of each possible class had been seen before
    assert estimate_prior(certain, 2.0) == pytest.approx([5 / 8, 3 / 8, 0])


def test_images_that_say_nothing_leave_equal_shares() -> None:
    assert estimate_prior(np.full((50, 4), 0.3, np.float32), 0.5) == pytest.approx([0.25] * 4)


def test_it_is_the_maximum_of_the_likelihood() -> None:
    likelihoods = np.random.default_rng(0).gamma(0.5, size=(200, 3)).astype(np.float32)
    likelihoods[:120, 0] *= 4

    def loss(free: np.ndarray) -> float:
        shares = np.exp(np.append(free, 0)) / np.exp(np.append(free, 0)).sum()
        return -float(np.log(likelihoods @ shares).sum() + np.log(shares).sum())

    best = minimize(loss, np.zeros(2)).x
    wanted = np.exp(np.append(best, 0)) / np.exp(np.append(best, 0)).sum()
    assert estimate_prior(likelihoods, 1.0) == pytest.approx(wanted, abs=1e-4)
