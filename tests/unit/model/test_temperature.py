"""Temperatures that are known beforehand."""

import numpy as np
import pytest
from fact.model.temperature import fit_temperature, log_losses, smoothed
from scipy.special import softmax


def drawn(scale: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are ``scale`` times too large for the labels that were drawn from them."""
    random = np.random.default_rng(0)
    logits = random.normal(size=(count, 4)) * 2
    labels = np.array([random.choice(4, p=row) for row in softmax(logits, axis=1)])
    return logits * scale, labels


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_scale_of_logits_is_found(scale: float) -> None:
    assert fit_temperature(*drawn(scale)) == pytest.approx(scale, rel=0.1)


def test_calibration_lowers_the_log_loss() -> None:
    logits, labels = drawn(3.0)
    before, after = (log_losses(logits, labels, t).mean() for t in (1.0, fit_temperature(logits, labels)))
    assert after < before


def test_few_images_that_are_all_right_are_no_certainty() -> None:
    logits, labels = np.eye(3) * 10, np.arange(3)
    confidence = softmax(logits / fit_temperature(logits, labels), axis=1).max(1)
    # Platt's target for three images: 1 - 1 / 5
    assert confidence == pytest.approx(0.8, abs=0.01)


def test_targets_sum_to_one_over_present_classes() -> None:
    targets = smoothed(np.array([0, 2, 2]), 4)
    assert targets.sum(1) == pytest.approx(1)
    assert (targets[:, [1, 3]] == 0).all()


def test_no_images_no_temperature() -> None:
    assert fit_temperature(np.empty((0, 3)), np.empty(0, int)) == 1.0
