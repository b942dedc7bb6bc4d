"""A linear model, images and one training of it."""

import torch
from fact.training.epochs import EpochBatches, LabelledInputs, train_epochs
from fact.training.settings import read_training
from torch import Generator, Tensor, nn
from training_settings import SETTINGS


def unchanged(batch: Tensor, generator: Generator) -> Tensor:
    return batch


def run(model: nn.Module, inputs: Tensor, labels: Tensor, *, seed: int = 0, prepare=unchanged, **changes):
    """Train and return the loss of every epoch."""
    losses, settings = [], read_training(SETTINGS | changes)
    batches = EpochBatches(LabelledInputs(inputs, labels), settings, seed, prepare)
    train_epochs(model, batches, settings, on_epoch=lambda _, loss: losses.append(loss))
    return losses


def linear(features: int, classes: int, seed: int = 0) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(features, classes)


def some_images() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return 3 + torch.randn(10, 3, 8, 8), torch.arange(10) % 2
