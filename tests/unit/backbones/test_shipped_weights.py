"""The shipped weights are what docs/lab/pretraining.md says: small, and worth more than pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fact.backbones.extraction import normalise, to_tensor
from fact.backbones.weights import create_architecture
from fact.data.images import resize_image
from fact.data.sources import digits
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor

WEIGHTS = Path(__file__).parents[3] / "workflow" / "weights"
NAMES = ("vit_digits", "vit_letters")
MODEL_ARGS = {"img_size": 16, "patch_size": 4, "embed_dim": 128, "depth": 4, "num_heads": 4}
POOLING = {"class_token": False, "global_pool": "avg", "fc_norm": False}


def features_of(images: list[np.ndarray], tensors: dict[str, Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Pooled vectors (N, 128) and the mean of the normed patch tokens (N, 128)."""
    model = create_architecture("vit_tiny_patch16_224", MODEL_ARGS | POOLING).eval()
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    large = np.stack([resize_image(image, 16, "bicubic") for image in images])
    batch = normalise(to_tensor(large, torch.device("cpu")), [0.5] * 3, [0.5] * 3)
    with torch.inference_mode():
        tokens = model.forward_features(batch)
        return model.forward_head(tokens, pre_logits=True).numpy(), tokens.mean(dim=1).numpy()


def probe_accuracy(features: np.ndarray, labels: np.ndarray, labelled: np.ndarray, test: np.ndarray) -> float:
    """Test accuracy of logistic regression (C = 100) on centred features of mean norm 1."""
    centred = features - features[labelled].mean(axis=0)
    centred = centred / np.linalg.norm(centred[labelled], axis=1).mean()
    probe = LogisticRegression(C=100, max_iter=300).fit(centred[labelled], labels[labelled])
    return probe.score(centred[test], labels[test])


@pytest.mark.parametrize("name", NAMES)
def test_file_is_small_half_precision_and_finite(name: str) -> None:
    file = WEIGHTS / f"{name}.safetensors"
    tensors = load_file(file)
    assert file.stat().st_size <= 2_000_000
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())


@pytest.fixture(scope="module")
def images() -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """All digits, their labels, and which of them are in the pool."""
    rows = digits.index().rows
    pixels = [digits.read_image(None, locator) for locator in rows["locator"]]
    return pixels, rows["label"].to_numpy(dtype=int), (rows["split"] == "pool").to_numpy()


@pytest.mark.parametrize(
    ("name", "least", "gain"), [("vit_digits", 0.93, 0.015), ("vit_letters", 0.90, 0.005)]
)
def test_probe_on_the_features_beats_raw_pixels(
    images: tuple[list[np.ndarray], np.ndarray, np.ndarray], name: str, least: float, gain: float
) -> None:
    pixels, labels, in_pool = images
    pooled, token_mean = features_of(pixels, load_file(WEIGHTS / f"{name}.safetensors"))
    raw = np.stack([image[..., 0].ravel() for image in pixels]).astype(float)
    np.testing.assert_allclose(pooled, token_mean, atol=1e-5)

    gains = []
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(in_pool))
        labelled = np.concatenate([shuffled[labels[shuffled] == digit][:20] for digit in range(10)])
        ours, theirs = (probe_accuracy(x, labels, labelled, ~in_pool) for x in (pooled, raw))
        assert ours > least
        gains.append(ours - theirs)
    assert np.mean(gains) > gain
