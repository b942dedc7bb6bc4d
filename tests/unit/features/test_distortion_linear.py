"""Equations 1 and 2 of the paper (III-C, III-D1) on the model that they speak of: linear features and head.

X (n, d) are the labelled samples, theta (k, d) makes features X theta^T, phi (k, c) makes outputs of them,
Y is one-hot.
"""

import numpy as np
import pytest
import torch
from fact.features.distortion import feature_distortion
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.settings import read_training
from torch import Tensor, nn
from training_settings import SETTINGS

SAMPLES, INPUTS, FEATURES, CLASSES = 6, 20, 8, 3
TRAINING = SETTINGS | {"epochs": 40, "batch_size": 4, "weight_decay": 0.0}


@pytest.fixture
def numbers() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def normal(numbers: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=numbers, dtype=torch.float64)


def orthogonal_directions(samples: Tensor) -> Tensor:
    """An orthonormal basis (d, d - n) of what is orthogonal to the rows of the samples."""
    return torch.linalg.svd(samples, full_matrices=True).Vh[len(samples) :].T


def squared_loss(x: Tensor, y: Tensor, theta: Tensor, phi: Tensor) -> Tensor:
    return ((x @ theta.T @ phi - y) ** 2).sum()


def problem(numbers: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x, theta = normal(numbers, SAMPLES, INPUTS), normal(numbers, FEATURES, INPUTS)
    y = nn.functional.one_hot(torch.arange(SAMPLES) % CLASSES, CLASSES).double()
    return x, y, theta, normal(numbers, FEATURES, CLASSES)


def test_the_gradient_is_that_of_equation_1(numbers):
    """But for its sign, which the paper leaves out: the residual stands there as Y minus the outputs."""
    x, y, theta, phi = problem(numbers)
    theta.requires_grad_()
    squared_loss(x, y, theta, phi).backward()
    expected = -2 * phi @ (y - x @ theta.T @ phi).T @ x
    assert torch.allclose(theta.grad, expected.detach(), rtol=1e-10)


def test_no_gradient_along_directions_orthogonal_to_the_samples(numbers):
    x, y, theta, phi = problem(numbers)
    theta.requires_grad_()
    squared_loss(x, y, theta, phi).backward()
    u = orthogonal_directions(x)
    assert u.shape == (INPUTS, INPUTS - SAMPLES)
    assert (theta.grad @ u).abs().max() < 1e-10 * theta.grad.abs().max()
    along = theta.grad @ x.T
    assert along.abs().max() > 1


def finetuned(x: Tensor, labels: Tensor, **changes) -> tuple[Tensor, Tensor]:
    """Theta before and after full finetuning of a two-layer linear network by the loop of phase 2."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(INPUTS, FEATURES, bias=False), nn.Linear(FEATURES, CLASSES)).double()
    before = model[0].weight.detach().clone()
    settings = read_training(TRAINING | changes)
    batches = EpochBatches(LabelledInputs(x, labels), settings, 0, lambda batch, _: batch)
    train_epochs(model, batches, settings, on_epoch=lambda *_: None)
    return before, model[0].weight.detach()


def test_full_finetuning_moves_nothing_orthogonal_to_the_labelled_samples(numbers):
    """The same of the real loop: cross-entropy, label smoothing, momentum, clipping, batches."""
    x, labels = normal(numbers, SAMPLES, INPUTS), torch.arange(SAMPLES) % CLASSES
    before, after = finetuned(x, labels)
    u = orthogonal_directions(x)
    assert ((after - before) @ u).abs().max() < 1e-12
    assert ((after - before) @ x.T).abs().max() > 0.1


def test_features_change_inconsistently(numbers):
    """Those of labelled samples move, those of an orthogonal one stay, those of a mixture move in between."""
    x, labels = normal(numbers, SAMPLES, INPUTS), torch.arange(SAMPLES) % CLASSES
    before, after = finetuned(x, labels)
    outside = orthogonal_directions(x).T
    mixed = (x / x.norm(dim=1, keepdim=True) + outside[:SAMPLES]) / 2**0.5
    moved = [
        feature_distortion((rows @ before.T).numpy(), (rows @ after.T).numpy())["relative"]
        for rows in (x, mixed, outside)
    ]
    assert moved[0] > moved[1] > moved[2]
    assert moved[0] > 0.05 and moved[2] < 1e-12


def test_weight_decay_scales_orthogonal_directions_and_turns_none(numbers):
    x, labels = normal(numbers, SAMPLES, INPUTS), torch.arange(SAMPLES) % CLASSES
    before, after = finetuned(x, labels, weight_decay=0.001)
    u = orthogonal_directions(x)
    ratio = (after @ u) / (before @ u)
    assert torch.allclose(ratio, ratio.mean().expand_as(ratio), rtol=1e-8) and 0 < ratio.mean() < 1


def test_a_probed_head_leaves_good_features_alone(numbers):
    """Equation 2: features that fit have nothing to change from the probe's head, only from a random one."""
    x, _, theta, true_head = problem(numbers)
    y = x @ theta.T @ true_head
    probed = torch.linalg.lstsq(x @ theta.T, y).solution
    unseen = normal(numbers, 50, INPUTS)
    moved = {}
    for name, head in {"probed": probed, "random": normal(numbers, FEATURES, CLASSES)}.items():
        tuned, head = theta.clone().requires_grad_(), head.clone().requires_grad_()
        optimiser = torch.optim.SGD([tuned, head], lr=1e-4)
        for _ in range(200):
            optimiser.zero_grad()
            squared_loss(x, y, tuned, head).backward()
            optimiser.step()
        features = [(unseen @ weights.T).detach().numpy() for weights in (theta, tuned)]
        moved[name] = feature_distortion(*features)["relative"]
    assert moved["probed"] < 1e-10
    assert moved["random"] > 0.01 and np.isfinite(moved["random"])
