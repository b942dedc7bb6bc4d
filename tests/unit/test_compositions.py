"""The compositions of tests/benchmarks/compositions.py: weights between two models, means, and views."""

import numpy as np
import pytest
import torch
from compositions import Images, interpolate, mean_probabilities, mild_views
from torch import nn


def models() -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Tensors of two small networks with a batch norm, whose counters differ."""
    torch.manual_seed(0)
    first, second = (nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)) for _ in range(2))
    second(torch.randn(5, 3))
    return first.state_dict(), second.state_dict()


def test_shares_of_0_and_1_give_the_two_ends() -> None:
    first, second = models()
    start, end = interpolate(first, second, 0.0), interpolate(first, second, 1.0)
    assert all(torch.equal(end[name], value) for name, value in second.items())
    counters = {"1.num_batches_tracked"}
    assert all(torch.equal(start[name], value) for name, value in first.items() if name not in counters)
    assert start["1.num_batches_tracked"] == 1


def test_half_is_the_mean() -> None:
    first, second = models()
    between = interpolate(first, second, 0.5)["0.weight"]
    torch.testing.assert_close(between, (first["0.weight"] + second["0.weight"]) / 2)
    assert not torch.equal(between, first["0.weight"])


def test_other_names_are_refused() -> None:
    first, second = models()
    del second["0.bias"]
    with pytest.raises(ValueError, match=r"0\.bias"):
        interpolate(first, second, 0.5)


def test_probabilities_are_averaged_and_not_logits() -> None:
    sure, unsure = np.array([[9.0, 0.0]], np.float32), np.array([[-1.0, 1.0]], np.float32)
    expected = (1 / (1 + np.exp(-9.0)) + 1 / (1 + np.exp(2.0))) / 2
    np.testing.assert_allclose(mean_probabilities([sure, unsure])[0, 0], expected, rtol=1e-6)


def test_views_follow_the_images_and_keep_their_labels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    everything = mild_views(Images(pixels, np.array([3, 1])), views=2, seed=0)
    assert everything.pixels.shape == (6, 8, 8, 3) and everything.pixels.dtype == np.uint8
    np.testing.assert_array_equal(everything.pixels[:2], pixels)
    np.testing.assert_array_equal(everything.labels, [3, 1, 3, 1, 3, 1])
    assert (everything.pixels[2:4] != pixels).any() and (
        everything.pixels[2:4] != everything.pixels[4:]
    ).any()
